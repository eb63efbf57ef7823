//! A rule: what one kind of secret looks like, and how sure it is that what looks like that is one.

/// How sure a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The secret has a shape of its own.
    Sure,
    /// It may be something else.
    Maybe,
}

impl Tier {
    /// Its name, as people and programs read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Maybe => "maybe",
        }
    }
}

/// Where a rule's pattern begins, seen from a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    /// The secret begins with the keyword, and so does the pattern.
    Start,
    /// The secret begins this many bytes before the keyword, and so does the pattern.
    Within(usize),
    /// The secret begins where the letters, digits and `_` around the keyword do, and so does the pattern.
    Word,
    /// The keyword is a part of a name, and the pattern is that of the value which the name is given.
    Value,
    /// The pattern begins with the keyword, and its first group is the secret.
    Group,
    /// As [`Finds::Group`]; the secret is the letters and digits of a block of lines, whatever stands between them.
    Block,
}

/// What the characters of a match must be like, beside the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Not the stand-in of an example.
    Real,
    /// That, and letters with digits in no order.
    Mixed,
    /// That, and large letters with small ones: no hash.
    Capitals,
    /// Not one of the passwords that examples have.
    Password,
    /// Likely to be a secret by its characters alone.
    Likely,
}

/// A rule.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// What findings call it.
    pub id: &'static str,
    /// How sure it is.
    pub tier: Tier,
    /// What is looked for first, in any case of letters: without it the pattern isn't tried.
    pub keywords: &'static [&'static str],
    /// A regular expression over bytes.
    pub pattern: &'static str,
    /// Where the pattern begins.
    pub finds: Finds,
    /// Who publishes the format, and where.
    pub source: &'static str,
    pub(super) check: Check,
}

impl Rule {
    const fn of(
        id: &'static str,
        keywords: &'static [&'static str],
        pattern: &'static str,
        source: &'static str,
        (finds, check): (Finds, Check),
    ) -> Self {
        Self { id, tier: Tier::Sure, keywords, pattern, finds, source, check }
    }

    /// A secret that begins with a keyword.
    pub(super) const fn token(
        id: &'static str,
        keywords: &'static [&'static str],
        pattern: &'static str,
        source: &'static str,
    ) -> Self {
        Self::of(id, keywords, pattern, source, (Finds::Start, Check::Real))
    }

    /// A secret that is the value of something whose name has a keyword in it.
    pub(super) const fn value(
        id: &'static str,
        keywords: &'static [&'static str],
        pattern: &'static str,
        source: &'static str,
    ) -> Self {
        Self::of(id, keywords, pattern, source, (Finds::Value, Check::Mixed))
    }

    /// A secret that is the first group of a pattern which begins with a keyword.
    pub(super) const fn group(
        id: &'static str,
        keywords: &'static [&'static str],
        pattern: &'static str,
        source: &'static str,
    ) -> Self {
        Self::of(id, keywords, pattern, source, (Finds::Group, Check::Real))
    }

    /// The same, if it may be something else.
    pub(super) const fn maybe(mut self) -> Self {
        self.tier = Tier::Maybe;
        self
    }

    /// The same, with the pattern beginning elsewhere.
    pub(super) const fn found(mut self, finds: Finds) -> Self {
        self.finds = finds;
        self
    }

    /// The same, with its matches looked at in another way.
    pub(super) const fn checked(mut self, check: Check) -> Self {
        self.check = check;
        self
    }
}
