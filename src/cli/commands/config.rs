//! `codex-git config`.

use anstyle::Style;
use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::Workspace;
use codex_git::model::config_key::{CONFIG_KEYS, ConfigKey};
use codex_git::model::shell::command;
use codex_git::model::text;
use codex_git::ops::Setting;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{complete, json};
use crate::ui::{Align, DIM, NAME, Table};

/// Show or change the settings of the store
///
/// They stand in the store's own git configuration, in the section `codexgit`: plain `git config` reads and writes the same. Without a key, all are
/// shown; with one, its value is printed, and nothing, with exit code 1, if it has none.
#[derive(Args)]
pub struct ConfigArgs {
    /// What to show or to change
    #[arg(value_name = "KEY", add = ArgValueCompleter::new(complete::config_keys))]
    key: Option<String>,
    /// What to set it to
    #[arg(value_name = "VALUE", add = ArgValueCompleter::new(complete::config_values))]
    value: Option<String>,
    /// Keep the values that a key has, and add this one
    #[arg(long, requires = "value", conflicts_with = "unset")]
    add: bool,
    /// Remove this value, or all values of the key
    #[arg(long, requires = "key")]
    unset: bool,
}

pub fn run(context: &Context, args: &ConfigArgs) -> Outcome {
    let key = args.key.as_deref().map(named).transpose()?;
    let workspace = context.workspace()?;
    match (key, &args.value) {
        (None, _) => list(context, &workspace),
        (Some(key), value) if args.unset => unset(context, &workspace, key, value.as_deref()),
        (Some(key), None) => show(context, &workspace, key),
        (Some(key), Some(value)) => set(context, &workspace, key, value, args.add),
    }
}

fn named(typed: &str) -> Result<&'static ConfigKey, Failure> {
    ConfigKey::named(typed).ok_or_else(|| {
        let hint = match ConfigKey::nearest(typed) {
            Some(key) => format!("codex-git config {}", key.name),
            None => "codex-git config  # shows all keys".to_owned(),
        };
        Failure::Usage(format!("there is no key `{}`", typed.escape_debug()), hint)
    })
}

/// A value as it is written down.
fn checked(context: &Context, key: &'static ConfigKey, typed: &str) -> Result<String, Failure> {
    let whole = |path: &str| context.whole(path).to_string_lossy().into_owned();
    let failed = |reason| codex_git::Error::BadValue { key: key.name, value: typed.to_owned(), reason };
    Ok(key.check_typed(typed, whole).map_err(failed)?)
}

fn list(context: &Context, workspace: &Workspace) -> Outcome {
    let settings: Vec<Setting> = CONFIG_KEYS.into_iter().map(|key| workspace.setting(key)).collect();
    if context.json {
        return settings.iter().try_for_each(|setting| Ok(context.ui.json(json::setting(setting))?));
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
    for setting in &settings {
        let (key, mut about) = (setting.key, setting.key.about);
        let mut row = |style: Style, value: &str| {
            table.row().cell(NAME, key.name).cell(style, text::plain(value)).cell(DIM, about);
            about = "";
        };
        match (setting.values.is_empty(), key.default) {
            (true, Some(default)) => row(DIM, &format!("{default} (default)")),
            (true, None) => row(DIM, "(not set)"),
            // Of others, only the last counts.
            (false, _) if !key.is_list => setting.values.last().into_iter().for_each(|value| row(Style::new(), value)),
            (false, _) => setting.values.iter().for_each(|value| row(Style::new(), value)),
        }
    }
    let width = context.ui.width();
    context.ui.page(|out| table.write(out, width))?;
    warn(context, workspace, None);
    Ok(())
}

fn show(context: &Context, workspace: &Workspace, key: &'static ConfigKey) -> Outcome {
    let setting = workspace.setting(key);
    let values = setting.counting();
    if values.is_empty() {
        return Err(Failure::Said);
    }
    if context.json {
        context.ui.json(json::setting(&setting))?;
    } else {
        let first = if key.is_list { 0 } else { values.len() - 1 };
        context.ui.print(|out| values[first..].iter().try_for_each(|value| writeln!(out, "{}", text::plain(value))))?;
    }
    warn(context, workspace, Some(key));
    Ok(())
}

fn set(context: &Context, workspace: &Workspace, key: &'static ConfigKey, typed: &str, adds: bool) -> Outcome {
    if adds && !key.is_list {
        let words = format!("`{}` holds one value, and none can be added", key.name);
        return Err(Failure::Usage(words, command(&format!("config {}", key.name), &[typed])));
    }
    let value = checked(context, key, typed)?;
    let before = workspace.setting(key).values;
    if adds {
        workspace.configure_more(key, &value)?
    } else {
        workspace.configure(key, &value)?
    }
    let setting = workspace.setting(key);
    let gone = before.into_iter().filter(|old| !setting.values.contains(old));
    let gone: Vec<String> = gone.map(|old| text::plain(&old).into_owned()).collect();
    let was = if gone.is_empty() { String::new() } else { format!(" {DIM}(was {}){DIM:#}", gone.join(", ")) };
    context.ui.say(format_args!("{} = {}{was}", key.name, text::plain(&value)));
    if context.json { Ok(context.ui.json(json::setting(&setting))?) } else { Ok(()) }
}

fn unset(context: &Context, workspace: &Workspace, key: &'static ConfigKey, typed: Option<&str>) -> Outcome {
    // What makes no sense can be taken out, too.
    let value = typed.map(|typed| checked(context, key, typed).unwrap_or_else(|_| typed.to_owned()));
    for gone in workspace.unconfigure(key, value.as_deref())? {
        context.ui.say(format_args!("removed {} = {}", key.name, text::plain(&gone)));
    }
    if context.json { Ok(context.ui.json(json::setting(&workspace.setting(key)))?) } else { Ok(()) }
}

/// Says which values count for nothing.
fn warn(context: &Context, workspace: &Workspace, key: Option<&ConfigKey>) {
    for misfit in workspace.misfits().iter().filter(|misfit| key.is_none_or(|key| key.name == misfit.key)) {
        context.ui.warn(crate::cli::words::misfit(misfit));
    }
}
