//! Pictures: images that stand in a conversation with all their bytes.

/// An image of a kind that browsers only draw, in base64.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Picture {
    kind: Kind,
    base64: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Png,
    Jpeg,
    Gif,
    Webp,
}

impl Picture {
    /// The picture of an address that begins with `data:`. `None` for other kinds, such as SVG, and for what is no base64.
    pub fn of(address: &str) -> Option<Self> {
        let (kind, base64) = address.strip_prefix("data:image/")?.split_once(";base64,")?;
        let kind = match kind {
            "png" => Kind::Png,
            "jpeg" | "jpg" => Kind::Jpeg,
            "gif" => Kind::Gif,
            "webp" => Kind::Webp,
            _ => return None,
        };
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        (!base64.is_empty() && base64.bytes().all(is_base64)).then(|| Self { kind, base64: base64.to_owned() })
    }

    /// The address that holds it.
    pub fn address(&self) -> String {
        let kind = match self.kind {
            Kind::Png => "png",
            Kind::Jpeg => "jpeg",
            Kind::Gif => "gif",
            Kind::Webp => "webp",
        };
        format!("data:image/{kind};base64,{}", self.base64)
    }

    /// How many bytes its address takes, but for a few.
    pub fn bytes(&self) -> usize {
        self.base64.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_browsers_only_draw_is_a_picture() {
        let address = "data:image/png;base64,iVBORw0KGgo=";
        assert_eq!(Picture::of(address).unwrap().address(), address);
        for address in [
            "data:image/svg+xml;base64,PHN2Zz4=",
            "data:image/png;base64,AAAA\" onerror=\"alert(1)",
            "data:image/png;base64,",
            "data:text/html;base64,AAAA",
            "https://e.org/a.png",
        ] {
            assert_eq!(Picture::of(address), None, "{address}");
        }
    }
}
