//! What a turn's tokens were for, by the rule that gives their number ([`super::turn`]): what Codex recorded of the turn, else the sum over
//! its requests.

use memchr::memmem;

use super::json::Object;
use super::line::read;
use super::record::RecordType;
use crate::model::Usage;

/// The tokens in the lines of a chunk. `total` is the session's token count before it.
pub fn usage(chunk: &[u8], mut total: Option<u64>) -> Usage {
    let (mut recorded, mut summed) = (None, Usage::default());
    let lines = chunk.split(|byte| *byte == b'\n').filter(|line| memmem::find(line, b"_token").is_some());
    for line in lines {
        let Some(record) = read(line, false).record else { continue };
        match (record.kind, record.inner) {
            (RecordType::TokenUsage, _) => {
                recorded = record.payload.object("turn_token_usage").map(|usage| of(&usage)).or(recorded);
            }
            (RecordType::Event, RecordType::TokenCount) => {
                let info = record.payload.object("info");
                let now = info.as_ref().and_then(|info| info.object("total_token_usage")?.u64("total_tokens"));
                // The same count is told again with every change of the rate limits; only a new one is a request.
                if now.is_some() && now != total {
                    summed += info.and_then(|info| Some(of(&info.object("last_token_usage")?))).unwrap_or_default();
                }
                total = now;
            }
            _ => {}
        }
    }
    recorded.unwrap_or(summed)
}

fn of(usage: &Object<'_>) -> Usage {
    let count = |key| usage.u64(key).unwrap_or(0);
    Usage {
        input: count("input_tokens"),
        cached: count("cached_input_tokens"),
        output: count("output_tokens"),
        reasoning: count("reasoning_output_tokens"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(total: u64, input: u64, output: u64) -> String {
        let usage = format!(
            r#"{{"input_tokens":{input},"cached_input_tokens":1,"output_tokens":{output},"reasoning_output_tokens":2,"total_tokens":{total}}}"#
        );
        format!(
            "{{\"type\":\"event_msg\",\"payload\":{{\"type\":\"token_count\",\"info\":{{\"total_token_usage\":{{\"total_tokens\":{total}}},\"last_token_usage\":{usage}}}}}}}\n"
        )
    }

    #[test]
    fn requests_are_added_up_each_once() {
        let chunk = count(10, 7, 3) + &count(10, 7, 3) + &count(30, 15, 5);
        assert_eq!(usage(chunk.as_bytes(), None), Usage { input: 22, cached: 2, output: 8, reasoning: 4 });
        // What was told at the end of the turn before is told again.
        assert_eq!(usage(chunk.as_bytes(), Some(10)), Usage { input: 15, cached: 1, output: 5, reasoning: 2 });
    }

    #[test]
    fn what_codex_recorded_of_the_turn_counts_more() {
        let record = r#"{"type":"token_usage_record","payload":{"turn_token_usage":{"input_tokens":5,"output_tokens":1,"total_tokens":6}}}"#;
        let chunk = count(10, 7, 3) + record + "\n";
        assert_eq!(usage(chunk.as_bytes(), None), Usage { input: 5, output: 1, ..Usage::default() });
        assert_eq!(usage(b"no JSON with _token\n", None), Usage::default());
    }
}
