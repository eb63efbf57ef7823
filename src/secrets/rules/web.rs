//! What goes with a request: headers, addresses with a password in them, and what command lines and files of logins have.

use super::super::rule::{Check, Rule};

const HTTP: &str = "https://www.rfc-editor.org/rfc/rfc9110#name-authorization";
const BEARER: &str = "https://www.rfc-editor.org/rfc/rfc6750#section-2.1";
const BASIC: &str = "https://www.rfc-editor.org/rfc/rfc7617";
const URI: &str = "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1";
const NETRC: &str = "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html";
const CURL: &str = "https://curl.se/docs/manpage.html#-u";

pub(super) const RULES: &[Rule] = &[
    Rule::group(
        "sshpass-option",
        &["sshpass"],
        r#"sshpass (?:-[a-zA-Z] ?[^\s-]{0,40} )??-p ?["']?([^\s"'\\;|&<>${}]{4,100})"#,
        "https://manpages.debian.org/sshpass.1",
    )
    .checked(Check::Mixed),
    Rule::group(
        "ldap-password-option",
        &["ldapsearch ", "ldapadd ", "ldapmodify ", "ldapdelete ", "ldapwhoami "],
        r#"ldap(?:search|add|modify|delete|whoami) [^\n|;&]{0,200}?-w ?\\*["']?([^\s"'\\;|&<>${}]{6,100})"#,
        "https://manpages.debian.org/ldapsearch.1",
    )
    .checked(Check::Mixed),
    Rule::group(
        "authorization-bearer",
        &["authorization"],
        concat!(
            r#"(?i)authorization(?:\\*["'])?\]?\s{0,4}[:=,>]{1,2}\s{0,4}(?:\\*["'])?"#,
            r"bearer\s+([A-Za-z0-9._~+/|-]{16,3000}=*)",
        ),
        BEARER,
    )
    .checked(Check::Mixed),
    Rule::group(
        "authorization-basic",
        &["authorization"],
        concat!(
            r#"(?i)authorization(?:\\*["'])?\]?\s{0,4}[:=,>]{1,2}\s{0,4}(?:\\*["'])?"#,
            r"basic\s+([A-Za-z0-9+/_-]{12,400}={0,2})",
        ),
        BASIC,
    ),
    Rule::group(
        "authorization-other",
        &["authorization"],
        concat!(
            r#"(?i)authorization(?:\\*["'])?\]?\s{0,4}[:=,>]{1,2}\s{0,4}(?:\\*["'])?"#,
            r#"(?:token|apikey|api-key|splunk|geniekey|key|pat|bot)[ =]\s{0,4}"?([A-Za-z0-9._~+/-]{16,400}=*)"#,
        ),
        HTTP,
    )
    .checked(Check::Mixed),
    Rule::group(
        "token-header",
        &[
            "x-api-key",
            "x-auth-token",
            "x-auth-key",
            "x-figma-token",
            "dd-api-key",
            "x-vault-token",
            "private-token",
            "job-token",
            "x-access-token",
            "x-amz-security-token",
            "x-functions-key",
            "ocp-apim-subscription-key",
        ],
        concat!(
            "(?i)(?:x-(?:api-key|auth-token|auth-key|figma-token|vault-token|access-token|amz-security-token|functions-key)|dd-api-key|private-token",
            r#"|job-token|ocp-apim-subscription-key)(?:\\*["'])?\]?\s{0,4}[:=,]\s{0,4}(?:\\*["'])?"#,
            "([A-Za-z0-9._~+/-]{16,2000}=*)",
        ),
        HTTP,
    )
    .checked(Check::Likely),
    Rule::group(
        "url-credentials",
        &["://"],
        r#"://[^\s/:@"'`\\<>{}$()\[\],]{1,64}:([^\s/:@"'`\\<>{}$()\[\],]{4,256})@[A-Za-z0-9\[]"#,
        URI,
    )
    .checked(Check::Password),
    Rule::group(
        "netrc-password",
        &["machine "],
        r"machine\s+[A-Za-z0-9._-]{3,100}\s+login\s+[^\s]{1,100}\s+password\s+([^\s]{4,200})",
        NETRC,
    )
    .checked(Check::Password),
    Rule::group(
        "curl-user",
        &["curl "],
        r#"curl [^\n|;]{0,200}?(?:-u|--user)[ =]?\s{0,2}\\*["']?[^\s:"'$<{]{1,64}:([^\s"'$<{\\]{6,200})"#,
        CURL,
    )
    .checked(Check::Password)
    .maybe(),
    Rule::token(
        "json-web-token",
        &["eyj"],
        r"eyJ[A-Za-z0-9_-]{10,3000}\.eyJ[A-Za-z0-9_-]{10,3000}\.[A-Za-z0-9_-]{20,1000}",
        "https://www.rfc-editor.org/rfc/rfc7519",
    )
    .maybe(),
];
