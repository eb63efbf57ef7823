//! `codex-git strands`.

use anstyle::Style;
use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::shell::command;
use codex_git::ops::Strand;

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::words::{count, short};
use crate::cli::{complete, json, report};
use crate::ui::{Align, DIM, NAME, Table};

/// List the ends of sessions that went on elsewhere, too
///
/// Such an end came with `codex-git pull` or `import`, when the session had gone on here as well. A session can be started from it: `codex-git fork COMMIT`.
#[derive(Args)]
pub struct StrandsArgs {
    /// The session [default: all]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
}

pub fn run(context: &Context, args: &StrandsArgs) -> Outcome {
    let workspace = context.workspace()?;
    let session = match args.revision.as_deref() {
        Some(revision) => Some(report::resolve(context, &workspace, Some(revision))?.session),
        None => None,
    };
    let strands = workspace.strands(session)?;
    if context.json {
        return strands.iter().try_for_each(|strand| Ok(context.ui.json(json::strand(strand))?));
    }
    let Some(first) = strands.first() else {
        context.ui.say("no session went on in two places");
        return Ok(());
    };
    let width = context.ui.width();
    context.ui.page(|out| table(&strands).write(out, width))?;
    context.ui.hint(&format!("{}  # starts a session there", command("fork", &[&first.head.id.short()])));
    Ok(())
}

fn table(strands: &[Strand]) -> Table {
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Right, Align::Left]);
    for Strand { head, after, turns, .. } in strands {
        table
            .row()
            .cell(NAME, head.id.short())
            .cell(Style::new(), short(head.message.session))
            .cell(DIM, format_args!("after turn {after}"))
            .cell(DIM, count(*turns as usize, "turn"))
            .cell(Style::new(), head.message.subject());
    }
    table
}
