//! Asking a person whether to do what can't be undone.

use std::io::{self, BufRead, IsTerminal};

use super::context::Context;
use super::failure::{Failure, Outcome};
use crate::ui::{DIM, RESET};

/// Asks a question that yes or no answers, and takes `default` for no answer; `None` where nobody can be asked.
pub fn ask(context: &Context, question: &str, default: bool) -> Option<bool> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) || context.ui.quiet {
        return None;
    }
    let choices = if default { "[Y/n]" } else { "[y/N]" };
    context.ui.ask(format_args!("{question} {DIM}{choices}{RESET} "));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer).is_ok_and(|read| read > 0);
    Some(match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => true,
        "" if read => default,
        _ => false,
    })
}

/// Goes on only if the person says so, on the command line or when asked.
pub fn confirm(context: &Context, yes: bool, question: &str, usage: &str) -> Outcome {
    match yes.then_some(true).or_else(|| ask(context, question, false)) {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::Nothing("nothing was done".to_owned())),
        None => Err(Failure::Held("this can't be undone, and there is nobody to ask".to_owned(), usage.to_owned())),
    }
}
