//! Rollouts that are made up: as many turns as a test wants, each a few lines as Codex writes them.

use std::fmt::Write;

/// A session without turns.
pub struct Synthetic {
    pub id: String,
    pub name: String,
}

impl Synthetic {
    /// The session with this number.
    pub fn new(number: usize) -> Self {
        let id = format!("01a20579-8247-72d2-b159-{number:012x}");
        Self { name: format!("rollout-2026-11-22T22-56-19-{id}.jsonl"), id }
    }

    /// Its first line.
    pub fn meta(&self) -> String {
        let id = &self.id;
        format!(
            r#"{{"timestamp":"2026-11-22T22:56:19.079Z","type":"session_meta","payload":{{"id":"{id}","timestamp":"2026-11-22T22:56:19.079Z","cwd":"/work","originator":"codex_exec","cli_version":"0.169.0","source":"exec","model_provider":"mock"}}}}"#
        ) + "\n"
    }

    /// The lines of a turn, about `len` bytes of them.
    pub fn turn(&self, number: usize, len: usize) -> String {
        let (mut lines, turn) = (String::new(), format!("{}-{number}", &self.id[24..]));
        let mut line = |second: usize, kind: &str, payload: String| {
            let (minute, second) = ((number / 60) % 60, second + number % 50);
            let _ = writeln!(
                lines,
                r#"{{"timestamp":"2026-11-23T{:02}:{minute:02}:{second:02}.500Z","type":"{kind}","payload":{{{payload}}}}}"#,
                (number / 3600) % 24
            );
        };
        line(0, "event_msg", format!(r#""type":"task_started","turn_id":"{turn}""#));
        line(1, "event_msg", format!(r#""type":"user_message","message":"turn {number} of {}""#, self.id));
        line(2, "response_item", format!(r#""type":"message","role":"assistant","content":"{}""#, noise(len, number)));
        line(3, "event_msg", format!(r#""type":"task_complete","turn_id":"{turn}""#));
        lines
    }

    /// The whole rollout.
    pub fn rollout(&self, turns: usize, len: usize) -> String {
        (1..=turns).fold(self.meta(), |rollout, number| rollout + &self.turn(number, len))
    }
}

/// Letters that hardly repeat.
fn noise(len: usize, seed: usize) -> String {
    let mut state = seed as u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 59) as u8 % 26)
    };
    (0..len).map(|_| letter()).collect()
}
