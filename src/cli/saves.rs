//! `codex-git saves`.

use anstyle::Style;
use clap::Args;

use super::context::{Context, short, tilde};
use super::{Outcome, json};
use crate::ui::{Align, DIM, NAME, Table, age};

/// List the saves, newest first
#[derive(Args)]
pub struct SavesArgs {}

pub fn run(context: &Context, _: &SavesArgs) -> Outcome {
    let saves = context.workspace()?.saves()?;
    if context.json {
        saves.iter().try_for_each(|save| context.ui.data(json::save(save)))?;
        return Ok(());
    }
    if saves.is_empty() {
        context.ui.say("no saves yet: `codex-git save NAME` makes one");
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]);
    for save in &saves {
        table.row(vec![
            vec![(NAME, save.name.to_string())],
            vec![(DIM, age(save.saved_at, context.unix_now()))],
            vec![(Style::new(), short(save.session))],
            vec![(DIM, format!("turn {}", save.turn))],
            vec![(DIM, tilde(save.cwd.as_deref().unwrap_or_default()))],
            vec![(Style::new(), save.subject.clone())],
        ]);
    }
    let width = context.ui.width();
    Ok(context.ui.page(|out| table.write(out, width))?)
}
