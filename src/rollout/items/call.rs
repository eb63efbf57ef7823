//! A call of a tool, and what it was once its output is known.

use super::command::{line, words};
use super::entry::{Entry, Keep};
use super::heredoc;
use super::image;
use super::opaque::readable;
use super::output::Output;
use super::tool::Tool;
use crate::model::item::{Agent, Command, Image, Patch, Step, StepState, What, is_refusal};
use crate::model::patch::{Change, Edit, changes};
use crate::rollout::json::Object;
use crate::rollout::record::RecordType;

/// What `apply_patch` says when it did something.
const DONE: &str = "Success. Updated";

/// A call of a tool.
pub(super) struct Call {
    pub at: Option<i64>,
    pub line: usize,
    pub id: Option<String>,
    pub name: String,
    pub arguments: String,
    pub output: Option<Output>,
    tool: Tool,
    cwd: Option<String>,
    keep: Keep,
}

impl Call {
    /// The call that an item is; Codex works in `cwd`.
    pub fn of(entry: &Entry<'_>, cwd: Option<&str>) -> Self {
        let payload = &entry.record.payload;
        let of_action = || payload.raw("action").unwrap_or_default().to_owned();
        let (name, arguments) = match entry.record.inner {
            RecordType::LocalShellCall => ("local_shell".to_owned(), of_action()),
            _ => {
                let given = entry.text("arguments").or_else(|| entry.text("input"));
                (entry.text("name").unwrap_or_default(), given.unwrap_or_default())
            }
        };
        Self {
            at: entry.at(),
            line: entry.line,
            id: entry.text("call_id").or_else(|| entry.text("id")),
            tool: Tool::of(&name, entry.text("namespace").as_deref()),
            name,
            arguments,
            output: None,
            cwd: cwd.map(str::to_owned),
            keep: entry.keep,
        }
    }

    /// Whether it looks at an image.
    pub fn is_image(&self) -> bool {
        self.tool == Tool::Image
    }

    /// A text among its arguments.
    pub fn argument(&self, key: &str) -> Option<String> {
        Some(self.object()?.str(key)?.into_owned())
    }

    fn object(&self) -> Option<Object<'_>> {
        Object::parse(self.arguments.as_bytes())
    }

    /// What it was.
    pub fn what(mut self) -> What {
        let known = match &self.tool {
            Tool::Command => self.command(),
            Tool::Patch => self.patch(),
            Tool::Plan => self.plan(),
            Tool::Script => Some(self.script()),
            Tool::Image => self.image(),
            Tool::Agent => self.agent(),
            Tool::Mcp { server, tool } => Some(self.mcp(server.clone(), tool.clone())),
            Tool::Other => None,
        };
        known.unwrap_or_else(|| {
            let arguments = self.keep.text(readable(&self.arguments));
            let output = self.output.take().map(|output| output.text);
            What::Tool { id: self.id, name: Some(self.name), arguments, output }
        })
    }

    fn command(&self) -> Option<What> {
        let arguments = self.object()?;
        let text = line(&arguments, "command").or_else(|| line(&arguments, "cmd"))?;
        let given = ["workdir", "working_directory"].into_iter().find_map(|key| arguments.str(key));
        let cwd = given.map(|given| beside(self.cwd.as_deref(), &given)).or_else(|| self.cwd.clone());
        let direct = words(&arguments, "command").filter(|words| words.len() == 2);
        if let Some([name, body]) = direct.as_deref()
            && Tool::of(name, None) == Tool::Patch
        {
            return self.changes(body, cwd.as_deref());
        }
        if let Some((directory, body)) = heredoc::patch(&text) {
            let base = directory.map(|directory| beside(cwd.as_deref(), directory)).or_else(|| cwd.clone());
            if let Some(patch) = self.changes(body, base.as_deref()) {
                return Some(patch);
            }
        }
        let Output { text: printed, exit, took } = self.output.clone().unwrap_or_default();
        let refused = is_refusal(&printed).then(|| printed.clone());
        let output = (self.output.is_some() && refused.is_none()).then_some(printed);
        let (id, tool, text) = (self.id.clone(), Some(self.name.clone()), self.keep.text(text));
        Some(What::Command(Command { id, tool, text, cwd, output, exit, took, refused, ..Command::default() }))
    }

    fn patch(&self) -> Option<What> {
        let given =
            self.object().and_then(|object| object.str("input").or_else(|| object.str("patch")).map(String::from));
        self.changes(given.as_deref().unwrap_or(&self.arguments), self.cwd.as_deref())
    }

    fn changes(&self, body: &str, base: Option<&str>) -> Option<What> {
        let mut changes = changes(body)?;
        changes.iter_mut().for_each(|change| settle(change, base));
        let output = self.output.as_ref();
        let done = output.is_some_and(|output| output.exit == Some(0) || output.text.starts_with(DONE));
        let refused = (!done).then(|| output.map(|output| output.text.clone()).unwrap_or_default());
        Some(What::Patch(Patch { id: self.id.clone(), cwd: self.cwd.clone(), changes, refused }))
    }

    fn plan(&self) -> Option<What> {
        let step = |raw: &str| {
            let step = Object::parse(raw.as_bytes())?;
            let state = match step.str("status").as_deref() {
                Some("completed") => StepState::Done,
                Some("in_progress") => StepState::Active,
                _ => StepState::Pending,
            };
            Some(Step { text: step.str("step")?.into_owned(), state })
        };
        let steps = self.object()?.array("plan")?;
        Some(What::Plan { steps: steps.iter().filter_map(|raw| step(raw.get())).collect() })
    }

    fn script(&self) -> What {
        let output = self.output.as_ref().map(|output| output.text.clone());
        What::Script { id: self.id.clone(), source: self.keep.text(self.arguments.clone()), output }
    }

    fn image(&self) -> Option<What> {
        let said = self.output.as_ref().map_or("", |output| output.text.trim());
        let as_usual = said.is_empty() || said == "attached local image path" || said.starts_with('[');
        let path = image::path(&self.argument("path")?);
        as_usual.then_some(What::Image(Image::File { path }))
    }

    fn agent(&self) -> Option<What> {
        let task = self.argument("message").or_else(|| self.argument("prompt"))?;
        let answer = self.output.as_ref().and_then(|output| Object::parse(output.text.as_bytes()));
        let text = |key: &str| answer.as_ref().and_then(|answer| Some(answer.str(key)?.into_owned()));
        let nickname = text("nickname").or_else(|| self.argument("task_name"));
        // Codex answers in JSON, and in words where there is no agent.
        let result = self.output.as_ref().filter(|_| answer.is_none()).map(|output| output.text.clone());
        Some(What::Agent(Agent { id: self.id.clone(), session: text("agent_id"), nickname, task: Some(task), result }))
    }

    fn mcp(&self, server: String, tool: String) -> What {
        let arguments = self.keep.text(readable(&self.arguments));
        let result = self.output.as_ref().map(|output| output.text.clone());
        What::Mcp { id: self.id.clone(), server, tool, arguments, result }
    }
}

/// Gives a change the whole paths of its files.
fn settle(change: &mut Change, base: Option<&str>) {
    change.path = beside(base, &change.path);
    if let Edit::Update { to: Some(to), .. } = &mut change.edit {
        *to = beside(base, to);
    }
}

/// A path as it is meant in a directory.
fn beside(base: Option<&str>, path: &str) -> String {
    let Some(base) = base.filter(|_| !path.starts_with(['/', '\\', '~']) && path.as_bytes().get(1) != Some(&b':'))
    else {
        return path.to_owned();
    };
    let mut parts: Vec<&str> = base.trim_end_matches('/').split('/').collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.len() > 1 => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_meant_in_the_directory_that_codex_works_in() {
        for (base, path, whole) in [
            (Some("/w/a"), "src/x.rs", "/w/a/src/x.rs"),
            (Some("/w/a/"), "./../b", "/w/b"),
            (Some("/"), "../../b", "/b"),
            (Some("/w"), "/etc/x", "/etc/x"),
            (Some("C:/w"), "D:/x", "D:/x"),
            (None, "src", "src"),
        ] {
            assert_eq!(beside(base, path), whole);
        }
    }
}
