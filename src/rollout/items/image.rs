//! Images: where they lie, or how large they are.

use crate::model::item::Image;
use crate::rollout::json::Object;

/// An image by its address: `data:image/png;base64,…`, or a place elsewhere.
pub(super) fn at(url: &str) -> Image {
    let Some((media_type, data)) = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) else {
        return Image::File { path: path(url) };
    };
    let padding = data.bytes().rev().take_while(|byte| *byte == b'=').count();
    let bytes = (data.len() / 4 * 3 + data.len() % 4 * 3 / 4).saturating_sub(padding);
    Image::Data { media_type: media_type.chars().take(64).collect(), bytes: bytes as u64 }
}

/// The path that an address of a file means; any other text is as it was.
pub(super) fn path(text: &str) -> String {
    let Some(path) = text.strip_prefix("file://") else { return text.to_owned() };
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = (*first == b'%').then(|| tail.get(..2)).flatten();
        let decoded = escaped.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// The images that came with a prompt: in lists beside its text, or among its parts.
pub(super) fn attached(prompt: &Object<'_>) -> Vec<Image> {
    let listed = ["images", "local_images"].into_iter().flat_map(|key| prompt.array(key).unwrap_or_default());
    let listed = listed.filter_map(|raw| Some(at(&serde_json::from_str::<String>(raw.get()).ok()?)));
    let parts = prompt.array("content").unwrap_or_default();
    listed.chain(parts.iter().filter_map(|part| of_part(&Object::parse(part.get().as_bytes())?))).collect()
}

/// The image that a part of a content is.
pub(super) fn of_part(part: &Object<'_>) -> Option<Image> {
    let kind = part.str("type")?;
    kind.contains("image").then(|| {
        let address = ["path", "image_url", "url"].into_iter().find_map(|key| part.str(key));
        let inline = || Image::Data {
            media_type: part.str("mimeType").map_or_else(|| "image".to_owned(), |text| text.chars().take(64).collect()),
            bytes: part.str("data").map_or(0, |data| data.len() as u64 / 4 * 3),
        };
        address.map_or_else(inline, |address| at(&address))
    })
}

/// An image in words, where it stands among texts.
pub(super) fn words(image: &Image) -> String {
    match image {
        Image::File { path } => format!("[image {path}]"),
        Image::Data { media_type, bytes } => format!("[{media_type}, {bytes} bytes]"),
    }
}
