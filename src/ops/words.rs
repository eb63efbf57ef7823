//! Words that errors and news share.

/// How much less a rollout has than the store: lines that make no turn, at least.
pub fn fewer(turns: u32) -> String {
    match turns {
        0 => "fewer lines".to_owned(),
        1 => "1 turn fewer".to_owned(),
        _ => format!("{turns} turns fewer"),
    }
}
