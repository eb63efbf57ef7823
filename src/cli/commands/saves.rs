//! `codex-git saves`.

use anstyle::Style;
use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::words::{short, tilde};
use crate::cli::{json, report};
use crate::ui::{Align, DIM, ERROR, NAME, Table, age};

/// List the saves, newest first
#[derive(Args)]
pub struct SavesArgs {}

pub fn run(context: &Context, _: &SavesArgs) -> Outcome {
    let workspace = context.workspace()?;
    let (saves, broken) = (workspace.saves()?, workspace.broken_saves()?);
    if context.json {
        saves.iter().try_for_each(|save| context.ui.json(json::save(save)))?;
        broken.iter().try_for_each(|save| context.ui.json(json::broken_save(save)))?;
        report::broken_saves(context, &workspace, &broken);
        return Ok(());
    }
    if saves.is_empty() && broken.is_empty() {
        context.ui.say("no saves yet: `codex-git save NAME` makes one");
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]);
    for save in &saves {
        table.row(vec![
            vec![(NAME, save.name.to_string())],
            vec![(DIM, age(save.saved_at, context.unix_now()))],
            vec![(Style::new(), short(save.session))],
            vec![(DIM, format!("turn {}", save.turn))],
            vec![(DIM, tilde(save.cwd.as_deref().unwrap_or_default(), &context.person_home))],
            vec![(Style::new(), save.note.clone().unwrap_or_else(|| save.subject.clone()))],
        ]);
    }
    for save in &broken {
        let mut cells = vec![vec![(NAME, save.name.to_string())]];
        cells.resize_with(5, || vec![(DIM, String::new())]);
        cells.push(vec![(ERROR, format!("broken: {}", save.reason))]);
        table.row(cells);
    }
    let width = context.ui.width();
    context.ui.page(|out| table.write(out, width))?;
    report::broken_saves(context, &workspace, &broken);
    Ok(())
}
