//! Patches that are handed to a command: `apply_patch <<'EOF' … EOF`, after `cd DIR &&` or alone. A command that does anything else as well
//! is a command.

/// The patch that a command line is, and the directory that it goes to first.
pub(super) fn patch(command: &str) -> Option<(Option<&str>, &str)> {
    let command = command.trim();
    let (directory, rest) = match command.strip_prefix("cd ") {
        Some(rest) => {
            let (directory, rest) = word(rest.trim_start())?;
            (Some(directory), rest.trim_start().strip_prefix("&&")?.trim_start())
        }
        None => (None, command),
    };
    let rest = ["apply_patch", "applypatch"].iter().find_map(|name| rest.strip_prefix(name))?;
    let rest = rest.trim_start_matches([' ', '\t']).strip_prefix("<<")?;
    let (first, body) = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches(' ').split_once('\n')?;
    let tag = tag(first.trim_end())?;
    let body = body.strip_suffix(tag)?.strip_suffix('\n')?;
    // A second end inside means that more commands follow the first.
    let ends_inside = body.split('\n').any(|line| line == tag);
    (!ends_inside).then_some((directory, body))
}

/// The word that ends the patch, which can be quoted.
fn tag(text: &str) -> Option<&str> {
    let quoted = ['\'', '"'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    let tag = quoted.unwrap_or(text);
    let is_word = !tag.is_empty() && tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_word.then_some(tag)
}

/// The first word of a command line, without its quotes, and what follows.
fn word(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix(['\'', '"']) {
        Some(rest) => rest.split_once(text.chars().next()?),
        None => text
            .split_once([' ', '&'])
            .map(|(word, _)| (word, &text[word.len()..]))
            .filter(|(word, _)| !word.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_a_patch_and_nothing_else() {
        let body = "*** Begin Patch\n*** End Patch";
        for (before, directory) in [
            ("apply_patch <<'EOF'", None),
            ("cd src && apply_patch <<EOF", Some("src")),
            ("cd 'a b' && applypatch <<-\"EOF\"", Some("a b")),
        ] {
            assert_eq!(patch(&format!("{before}\n{body}\nEOF\n")), Some((directory, body)), "{before}");
        }
    }

    #[test]
    fn a_command_that_does_more_is_a_command() {
        for command in [
            "apply_patch <<'EOF'\nx\nEOF\nls",
            "apply_patch <<'EOF'\nx\nEOF\nrm -r y\nEOF",
            "ls && apply_patch <<EOF\nx\nEOF",
            "apply_patch <<EOF | tee log\nx\nEOF",
            "cd src; apply_patch <<EOF\nx\nEOF",
            "apply_patch x",
            "cd",
            "cd src",
            "",
        ] {
            assert_eq!(patch(command), None, "{command}");
        }
    }
}
