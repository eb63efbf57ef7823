//! The pictures of a chunk, by the items that they belong to.
//!
//! Codex writes an image down for the model, in a line beside the one that tells it: before or in a prompt's, and after the line that says
//! that an image was looked at; some versions write it twice. So a picture belongs to the nearest item that has images, and to each once.

use std::collections::BTreeMap;

use memchr::memmem;

use crate::model::Picture;
use crate::model::item::{Item, What};

/// How the text of an image begins.
const START: &[u8] = b"\"data:image/";

/// The pictures of a chunk's items, by the places of the items among all.
pub fn pictures(chunk: &[u8], items: &[Item]) -> BTreeMap<usize, Vec<Picture>> {
    let mut found: BTreeMap<usize, Vec<Picture>> = BTreeMap::new();
    let (mut line, mut counted) = (1, 0);
    for at in memmem::find_iter(chunk, START) {
        line += memchr::memchr_iter(b'\n', &chunk[counted..at]).count();
        counted = at;
        let Some(item) = nearest(items, line) else { continue };
        let pictures = found.entry(item).or_default();
        pictures.extend(picture(chunk, at).filter(|picture| !pictures.contains(picture)));
    }
    found
}

/// The picture whose text begins at a place: a whole string of JSON, not a part of one that quotes it.
fn picture(chunk: &[u8], at: usize) -> Option<Picture> {
    if at.checked_sub(1).is_some_and(|before| chunk[before] == b'\\') {
        return None;
    }
    let text = &chunk[at + 1..];
    let end = memchr::memchr3(b'"', b'\\', b'\n', text)?;
    if text[end] != b'"' {
        return None;
    }
    Picture::of(std::str::from_utf8(&text[..end]).ok()?)
}

/// The item with images that is told nearest to a line.
fn nearest(items: &[Item], line: usize) -> Option<usize> {
    let has_images = |item: &Item| match &item.what {
        What::Prompt { images, .. } => !images.is_empty(),
        what => matches!(what, What::Image(_)),
    };
    let all = items.iter().enumerate().filter(|(_, item)| has_images(item));
    all.min_by_key(|(_, item)| item.line.abs_diff(line)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::item::Image;

    #[test]
    fn a_picture_belongs_to_the_nearest_item_that_has_images() {
        let file = || Image::File { path: "/a.png".into() };
        let item = |line, what| Item { at: None, line, what };
        let items = [
            item(2, What::Prompt { text: String::new(), images: vec![file()] }),
            item(3, What::Answer { text: String::new(), phase: None }),
            item(4, What::Image(file())),
        ];
        let image = |data: &str| format!(r#"{{"image_url":"data:image/png;base64,{data}"}}"#);
        let quoted = r#"{"output":"\"data:image/png;base64,CCCC\""}"#;
        let chunk = [image("AAAA"), image("AAAA"), quoted.into(), "{}".into(), image("BBBB")].join("\n");
        let found = pictures(chunk.as_bytes(), &items);
        let of = |data| vec![Picture::of(&format!("data:image/png;base64,{data}")).unwrap()];
        assert_eq!(found, BTreeMap::from([(0, of("AAAA")), (2, of("BBBB"))]));
        assert_eq!(pictures(chunk.as_bytes(), &items[1..2]), BTreeMap::new());
    }
}
