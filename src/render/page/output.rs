//! Outputs as markup.

use super::detail::Detail;
use super::markup::Markup;

/// Adds an output, or what is told of it.
pub(super) fn output(out: &mut Markup, text: &str, failed: bool, detail: &Detail) {
    let cut = detail.cut(text, failed);
    if cut.first.trim().is_empty() && cut.last.is_empty() {
        return;
    }
    out.tags("<pre>").text(cut.first).tags("</pre>");
    if let Some(left_out) = cut.left_out {
        out.tags("<p class=cut>").text(&left_out).tags(" left out</p>");
        if !cut.last.is_empty() {
            out.tags("<pre>").text(cut.last).tags("</pre>");
        }
    }
}
