//! `codex-git saves`.

use anstyle::Style;
use clap::Args;
use codex_git::model::Save;

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::filters::{Dates, Listed};
use crate::cli::words::{short, tilde};
use crate::cli::{json, report};
use crate::ui::{Align, DIM, ERROR, NAME, Table};

/// List the saves, newest first
#[derive(Args)]
pub struct SavesArgs {
    #[command(flatten)]
    listed: Listed,
}

pub fn run(context: &Context, args: &SavesArgs) -> Outcome {
    let workspace = context.workspace()?;
    let (mut saves, mut broken) = (workspace.saves()?, workspace.broken_saves()?);
    let mut others = if context.json { Vec::new() } else { workspace.saves_of_others()? };
    let is_empty = saves.is_empty() && broken.is_empty() && others.is_empty();
    let filter = args.listed.filters.filter(context, &workspace);
    saves.retain(|save| filter.takes_save(save));
    others.retain(|(_, save)| filter.takes_save(save));
    let most = args.listed.max_count.unwrap_or(usize::MAX);
    saves.truncate(most);
    others.truncate(most - saves.len());
    if !filter.wants_all() {
        // Nothing is known of them that could be looked at.
        broken.clear();
    }
    if context.json {
        saves.iter().try_for_each(|save| context.ui.json(json::save(save)))?;
        broken.iter().try_for_each(|save| context.ui.json(json::broken_save(save)))?;
        report::broken_saves(context, &workspace, &broken);
        return Ok(());
    }
    if is_empty {
        context.ui.say("no saves yet: `codex-git save NAME` makes one");
    } else if saves.is_empty() && others.is_empty() && !filter.wants_all() {
        context.ui.say("no save matches");
    }
    let now = |save: &Save| save.cwd.as_deref().map(|cwd| workspace.directory_now(cwd));
    let is_elsewhere = |save: &Save| now(save) != context.here.directory;
    // Those of other machines come after one's own.
    let own = saves.iter().map(|save| (save.name.to_string(), save));
    let all: Vec<(String, &Save)> = own.chain(others.iter().map(|(name, save)| (name.clone(), save))).collect();
    let names_directories = all.iter().any(|(_, save)| is_elsewhere(save));
    let columns = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left];
    let dates = Dates::wanted(args.listed.date, &workspace);
    let mut table = Table::new(&columns);
    for (name, save) in all {
        let directory = now(save).filter(|_| names_directories).unwrap_or_default();
        table
            .row()
            .cell(NAME, name)
            .cell(DIM, dates.words(save.saved_at, context))
            .cell(Style::new(), short(save.session))
            .cell(DIM, format_args!("turn {}", save.turn))
            .cell(DIM, tilde(&directory.to_string_lossy(), &context.person_home))
            .cell(Style::new(), save.note.as_ref().unwrap_or(&save.subject));
    }
    for save in &broken {
        // The reason stands in the last column.
        let row = columns[2..].iter().fold(table.row().cell(NAME, &save.name), |row, _| row.cell(Style::new(), ""));
        row.cell(ERROR, format_args!("broken: {}", save.reason));
    }
    let width = context.ui.width();
    context.ui.page(|out| table.write(out, width))?;
    report::broken_saves(context, &workspace, &broken);
    Ok(())
}
