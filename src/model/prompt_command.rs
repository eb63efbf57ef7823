//! Words for codex-git that are typed where a prompt is typed.
//!
//! Codex refuses slash commands that it doesn't know, so they are typed with a blank before them, which Codex takes away; or with a colon.

/// What is asked of codex-git, with the name that was given, if one was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptCommand {
    /// `/save NAME`.
    Save(Option<String>),
    /// `/undo-save [NAME]`.
    UndoSave(Option<String>),
    /// `/saves`.
    Saves,
    /// `/fork REVISION`.
    Fork(Option<String>),
}

impl PromptCommand {
    /// Reads a prompt. `None` if it is meant for the model.
    pub fn parse(prompt: &str) -> Option<Self> {
        let line = prompt.trim();
        let words = line.strip_prefix(['/', ':']).filter(|_| !line.contains('\n'))?;
        let (verb, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let name = Some(rest.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
        match verb.to_ascii_lowercase().as_str() {
            "save" => Some(Self::Save(name)),
            "undo-save" => Some(Self::UndoSave(name)),
            "saves" if name.is_none() => Some(Self::Saves),
            "fork" => Some(Self::Fork(name)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_or_a_colon_and_a_verb_of_ours() {
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(PromptCommand::parse(" /save before refactor "), Some(PromptCommand::Save(name("before refactor"))));
        assert_eq!(PromptCommand::parse(":save\tx"), Some(PromptCommand::Save(name("x"))));
        assert_eq!(PromptCommand::parse("/save"), Some(PromptCommand::Save(None)));
        assert_eq!(PromptCommand::parse("/SAVE Alpha"), Some(PromptCommand::Save(name("Alpha"))));
        assert_eq!(PromptCommand::parse("/saves"), Some(PromptCommand::Saves));
        assert_eq!(PromptCommand::parse(":undo-save"), Some(PromptCommand::UndoSave(None)));
        assert_eq!(PromptCommand::parse("/fork alpha~1"), Some(PromptCommand::Fork(name("alpha~1"))));
    }

    #[test]
    fn all_else_is_for_the_model() {
        for prompt in
            ["", "/", "save x", "/saved x", "/save/x", "say /save x", "/save x\nand y", "/saves the day", ": save"]
        {
            assert_eq!(PromptCommand::parse(prompt), None, "{prompt}");
        }
    }
}
