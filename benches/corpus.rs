//! Sessions that are made up, in the shape of real ones: a third of the bytes is encrypted reasoning, which nothing compresses, the rest
//! is prose, code that is read again and again, and JSON around it. The same numbers give the same bytes on every machine.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A generator of numbers (PCG's multiplier and increment, upper bits).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d);
        random.next();
        random
    }

    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit.max(1)
    }

    /// A number that is `middle` on the average, mostly less, sometimes several times as much.
    fn around(&mut self, middle: usize) -> usize {
        let spread = [25, 40, 60, 80, 100, 100, 120, 160, 240, 400];
        middle * spread[self.below(spread.len())] / 132
    }

    fn word(&mut self) -> String {
        const PARTS: [&str; 24] = [
            "re", "con", "ver", "ta", "mi", "lo", "sen", "dir", "pa", "ko", "um", "el", "tra", "nis", "bo", "ga", "ix",
            "or", "fe", "lu", "ster", "qui", "an", "de",
        ];
        (0..2 + self.below(3)).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }

    /// Text that nothing compresses, but for what its letters leave.
    fn base64(&mut self, len: usize) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..len).map(|_| char::from(LETTERS[self.below(64)])).collect()
    }
}

/// A session while it grows.
pub struct Session {
    pub id: String,
    pub name: String,
    random: Random,
    project: &'static Project,
    seconds: usize,
    turns: usize,
    /// Whether outputs are written down twice, for the model and for people, as Codex does from 0.148 on.
    twice: bool,
}

/// What sessions work on: its words, and its files, by lines.
struct Project {
    words: Vec<String>,
    files: Vec<Vec<String>>,
}

/// Twenty projects, each with forty files of 250 lines.
fn projects() -> &'static [Project] {
    static PROJECTS: OnceLock<Vec<Project>> = OnceLock::new();
    PROJECTS.get_or_init(|| {
        let project = |number| {
            let mut random = Random::new(1_000_000 + number);
            let words: Vec<String> = (0..600).map(|_| random.word()).collect();
            let files = (0..40).map(|_| (0..250).map(|_| code(&mut random, &words)).collect()).collect();
            Project { words, files }
        };
        (0..20_u64).map(project).collect()
    })
}

impl Session {
    pub fn new(number: usize) -> Self {
        let mut random = Random::new(number as u64);
        let project = &projects()[random.below(20)];
        let id = format!("01a20579-8247-72d2-b159-{number:012x}");
        let name = format!("rollout-2026-11-22T22-56-19-{id}.jsonl");
        Self { id, name, random, project, seconds: 0, turns: 0, twice: false }
    }

    /// The first line: 21 KB, nearly the same in every session.
    pub fn meta(&mut self) -> String {
        let mut base = Random::new(0);
        let words: Vec<String> = (0..300).map(|_| base.word()).collect();
        let instructions = prose(&mut base, &words, 20_000);
        let payload = format!(
            r#""id":"{}","timestamp":"2026-11-22T22:56:19.079Z","cwd":"/home/dev/work","originator":"codex-tui","cli_version":"0.169.0","source":"cli","model_provider":"openai","base_instructions":{{"text":"{instructions}"}}"#,
            self.id
        );
        self.line("session_meta", &payload)
    }

    /// The next turn, of about this many bytes.
    pub fn turn(&mut self, len: usize) -> String {
        self.turns += 1;
        let turn = format!("{}-{}", &self.id[24..], self.turns);
        let question = prose(&mut self.random, &self.project.words, 120);
        let mut lines = self.line("event_msg", &format!(r#""type":"task_started","turn_id":"{turn}""#));
        lines += &self
            .line("turn_context", r#""cwd":"/home/dev/work","model":"gpt-5.5-codex","approval_policy":"on-request""#);
        lines += &self.line("event_msg", &format!(r#""type":"user_message","message":"{question}""#));
        while lines.len() + 2000 < len {
            let left = len - lines.len();
            let reasoning = self.random.around(left.min(4000)).min(left / 2);
            let secret = self.random.base64(reasoning);
            lines += &self
                .line("response_item", &format!(r#""type":"reasoning","summary":[],"encrypted_content":"{secret}""#));
            // A quarter of what is written down twice is text then, the rest JSON, base64, and the second time.
            let output = self.listing((left / 2).clamp(400, if self.twice { 3000 } else { 8000 }));
            let call = self.random.below(1 << 30);
            lines += &self.line(
                "response_item",
                &format!(r#""type":"function_call_output","call_id":"call_{call}","output":"{output}""#),
            );
            if self.twice {
                lines += &self.line("event_msg", &format!(r#""type":"item_completed","item":{{"type":"CommandExecution","id":"call_{call}","command":["bash","-lc","sed -n 1,200p src/lib.rs"],"aggregated_output":"{output}","exit_code":0}}"#));
            }
            let used = self.random.below(200_000);
            lines += &self.line("event_msg", &format!(r#""type":"token_count","info":{{"total_token_usage":{{"total_tokens":{used}}},"last_token_usage":{{"total_tokens":{}}}}}"#, used / 9));
        }
        let answer = prose(&mut self.random, &self.project.words, 300);
        lines += &self.line(
            "response_item",
            &format!(r#""type":"message","role":"assistant","content":[{{"type":"output_text","text":"{answer}"}}]"#),
        );
        lines + &self.line("event_msg", &format!(r#""type":"task_complete","turn_id":"{turn}""#))
    }

    /// A turn with one line of this many bytes.
    pub fn long_line(&mut self, len: usize) -> String {
        let turn = self.turn(1000);
        let (start, end) = turn.rsplit_once("{\"timestamp\"").unwrap();
        let image = self.random.base64(len);
        let line = self.line("response_item", &format!(r#""type":"function_call_output","output":[{{"type":"input_image","image_url":"data:image/png;base64,{image}"}}]"#));
        format!("{start}{line}{{\"timestamp\"{end}")
    }

    /// A part of a file, as it is read once more, with a line here and there that is new.
    fn listing(&mut self, len: usize) -> String {
        let file = &self.project.files[self.random.below(40)];
        let start = self.random.below(file.len());
        let mut text = String::new();
        for line in file.iter().cycle().skip(start) {
            if text.len() + line.len() > len {
                break;
            }
            if self.random.below(20) == 0 {
                text += &code(&mut self.random, &self.project.words);
            }
            text += line;
        }
        text
    }

    fn line(&mut self, kind: &str, payload: &str) -> String {
        self.seconds += 1 + self.random.below(9);
        let (day, hour) = (22 + self.seconds / 86_400 % 7, self.seconds / 3600 % 24);
        let (minute, second, milli) = (self.seconds / 60 % 60, self.seconds % 60, self.random.below(1000));
        format!(
            "{{\"timestamp\":\"2026-11-{day}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z\",\"type\":\"{kind}\",\"payload\":{{{payload}}}}}\n"
        )
    }
}

fn prose(random: &mut Random, words: &[String], len: usize) -> String {
    let mut text = String::new();
    while text.len() < len {
        text += &words[random.below(words.len())];
        text.push(if random.below(9) == 0 { '.' } else { ' ' });
    }
    text
}

fn code(random: &mut Random, words: &[String]) -> String {
    let mut word = || words[random.below(words.len())].clone();
    let (a, b, c, d) = (word(), word(), word(), word());
    match random.below(4) {
        0 => format!("    let {a} = {b}.{c}({d});\\n"),
        1 => format!("    if {a}.{b} == {c} {{\\n"),
        2 => format!("pub fn {a}(&self, {b}: &{c}) -> Result<{d}> {{\\n"),
        _ => format!("    {a}::{b}({c}, &{d})?;\\n"),
    }
}

/// The date of a day of three years that have months of 28 days.
fn date(day: usize) -> (usize, usize, usize) {
    (2024 + day / 336, 1 + day / 28 % 12, 1 + day % 28)
}

/// The id of a small session of a day: it tells when it was made, in the morning, and its first eight digits are its alone.
pub fn small_id(number: usize, day: usize) -> String {
    let (year, month, day) = date(day);
    let month = time::Month::try_from(u8::try_from(month).unwrap()).unwrap();
    let date = time::Date::from_calendar_date(i32::try_from(year).unwrap(), month, u8::try_from(day).unwrap()).unwrap();
    let midnight = u64::try_from(date.midnight().assume_utc().unix_timestamp()).unwrap();
    let made = (midnight + number as u64 % 600 * 70) * 1000;
    format!("{:08x}-{:04x}-72d2-b159-{number:012x}", made >> 16, made & 0xffff)
}

/// A session of two short turns, held in a directory on a day of one of three years; months have 28 days. Gives where it lies.
pub fn small(home: &Path, number: usize, day: usize, directory: &Path) -> PathBuf {
    let (id, cwd) = (small_id(number, day), directory.display());
    let (year, month, day_of_month) = date(day);
    let at = format!("{year}-{month:02}-{day_of_month:02}T12:00:");
    let mut text = format!(
        "{{\"timestamp\":\"{at}00.000Z\",\"type\":\"session_meta\",\"payload\":{{\"id\":\"{id}\",\"timestamp\":\"{at}00.000Z\",\"cwd\":\"{cwd}\",\"originator\":\"codex-tui\",\"cli_version\":\"0.169.0\",\"source\":\"cli\"}}}}\n"
    );
    text += &small_turn(number, day, 1);
    text += &small_turn(number, day, 2);
    let folder = home.join(format!("sessions/{year}/{month:02}/{day_of_month:02}"));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("rollout-{year}-{month:02}-{day_of_month:02}T12-00-00-{id}.jsonl"));
    fs::write(&path, text).unwrap();
    path
}

/// A turn of a small session of a day.
pub fn small_turn(number: usize, day: usize, turn: usize) -> String {
    let (year, month, day) = date(day);
    let payloads = [
        format!(r#""type":"task_started","turn_id":"{number}-{turn}""#),
        format!(r#""type":"user_message","message":"question {turn} of session {number}""#),
        format!(r#""type":"agent_message","message":"answer {turn} of session {number}""#),
        format!(r#""type":"task_complete","turn_id":"{number}-{turn}""#),
    ];
    let (minute, second) = (turn * 9 / 60, turn * 9 % 60);
    let at = format!("{year}-{month:02}-{day:02}T12:{minute:02}:{second:02}.000Z");
    let line =
        |payload: &String| format!(r#"{{"timestamp":"{at}","type":"event_msg","payload":{{{payload}}}}}"#) + "\n";
    payloads.iter().map(line).collect()
}

/// So many small sessions over a thousand days, held in so many projects.
pub fn crowd(home: &Path, sessions: usize, projects: usize) {
    let projects: Vec<PathBuf> = (0..projects).map(|number| home.join(format!("project-{number}"))).collect();
    projects.iter().for_each(|project| fs::create_dir_all(project).unwrap());
    for number in 0..sessions {
        small(home, number, number * 1000 / sessions, &projects[number % projects.len()]);
    }
}

/// Where a rollout lies in a home.
pub fn place(home: &Path, name: &str) -> PathBuf {
    home.join("sessions/2026/11/22").join(name)
}

/// Puts a rollout into a home.
pub fn put(home: &Path, name: &str, bytes: &str) -> PathBuf {
    let place = place(home, name);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, bytes).unwrap();
    place
}

/// A session with this many turns of this size, in a home of its own.
pub fn one(home: &Path, turns: usize, len: usize) -> Session {
    let mut session = Session::new(1);
    let mut text = session.meta();
    (0..turns).for_each(|_| text += &session.turn(len));
    put(home, &session.name, &text);
    session
}

/// Many sessions that have about this many bytes together. Every seventh goes on from the first turns of an earlier one. `twice`: whether outputs
/// are written down twice.
pub fn many(home: &Path, sessions: usize, bytes: usize, twice: bool) {
    let mut random = Random::new(7);
    let mut earlier: Vec<String> = Vec::new();
    for number in 0..sessions {
        let mut session = Session { twice, ..Session::new(100 + number) };
        let mut text = session.meta();
        let room = random.around(bytes / sessions).max(text.len() + 2000) - text.len();
        if number % 7 == 6 {
            text += &earlier[random.below(earlier.len())];
        }
        let turns = 1 + random.around(8).min(room / 1500);
        let mut begun = String::new();
        for turn in 0..turns {
            let lines = session.turn(random.around(room / turns));
            if turn < turns.div_ceil(2) {
                begun += &lines;
            }
            text += &lines;
        }
        if number % 7 < 3 && earlier.len() < 40 {
            earlier.push(begun);
        }
        put(home, &session.name, &text);
    }
}

/// A name that no session has.
pub fn other_branch(number: usize) -> String {
    let mut name = String::from("refs/heads/01b");
    let _ = write!(name, "{:05x}-8247-72d2-b159-{number:012x}", number % 0xf_ffff);
    name
}
