//! Tokens of what people plan, write, draw and build with.

use super::super::rule::{Check, Finds, Rule};

const NOTION: &str = "https://developers.notion.com/docs/authorization";
const LINEAR: &str = "https://linear.app/developers/graphql";
const ONEPASSWORD: &str = "https://developer.1password.com/docs/service-accounts/security/";
const OKTA: &str = "https://developer.okta.com/docs/guides/create-an-api-token/main/";

pub(super) const RULES: &[Rule] = &[
    Rule::token("notion-token", &["ntn_"], "ntn_[A-Za-z0-9]{46}", NOTION),
    Rule::token("notion-secret", &["secret_"], "secret_[A-Za-z0-9]{43}", NOTION),
    Rule::token("linear-api-key", &["lin_api_"], "lin_api_[A-Za-z0-9]{40}", LINEAR),
    Rule::token("linear-oauth", &["lin_oauth_"], "lin_oauth_[A-Za-z0-9]{64}", LINEAR),
    Rule::token(
        "postman-key",
        &["pmak-"],
        "PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
        "https://learning.postman.com/docs/developer/postman-api/authentication/",
    ),
    Rule::token(
        "airtable-pat",
        &["pat"],
        r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
        "https://support.airtable.com/docs/creating-personal-access-tokens",
    ),
    Rule::token(
        "figma-token",
        &["figd_"],
        "figd_[A-Za-z0-9_-]{38,44}",
        "https://developers.figma.com/docs/rest-api/authentication/",
    ),
    Rule::token("readme-key", &["rdme_"], "rdme_[a-z0-9]{70}", "https://docs.readme.com/main/reference/authentication"),
    Rule::token(
        "dropbox-token",
        &["sl."],
        r"sl\.(?:u\.)?[A-Za-z0-9_-]{130,1300}",
        "https://developers.dropbox.com/oauth-guide",
    ),
    Rule::token(
        "hubspot-token",
        &["pat-na", "pat-eu"],
        "pat-(?:na|eu)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "https://developers.hubspot.com/docs/guides/apps/private-apps/overview",
    ),
    Rule::token("klaviyo-key", &["pk_"], "pk_[0-9a-f]{34}", "https://developers.klaviyo.com/en/docs/authenticate_"),
    Rule::token(
        "typeform-token",
        &["tfp_"],
        "tfp_[A-Za-z0-9_-]{40,60}",
        "https://www.typeform.com/developers/get-started/personal-access-token/",
    ),
    Rule::token(
        "contentful-pat",
        &["cfpat-"],
        "CFPAT-[A-Za-z0-9_-]{43}",
        "https://www.contentful.com/help/token-management/personal-access-tokens/",
    ),
    Rule::token(
        "mapbox-secret-token",
        &["sk.eyj1"],
        r"sk\.eyJ1[A-Za-z0-9_-]{40,120}\.[A-Za-z0-9_-]{22}",
        "https://docs.mapbox.com/help/getting-started/access-tokens/",
    ),
    Rule::token(
        "frameio-token",
        &["fio-u-"],
        "fio-u-[A-Za-z0-9_=-]{64}",
        "https://developer.frame.io/docs/getting-started/authentication",
    ),
    Rule::token(
        "adafruit-io-key",
        &["aio_"],
        "aio_[A-Za-z0-9]{28}",
        "https://io.adafruit.com/api/docs/#authentication",
    ),
    Rule::token(
        "trello-token",
        &["atta"],
        "ATTA[0-9a-f]{72}",
        "https://developer.atlassian.com/cloud/trello/guides/rest-api/api-introduction/",
    ),
    Rule::token("onepassword-service-token", &["ops_eyj"], "ops_eyJ[A-Za-z0-9+/_-]{200,1500}={0,3}", ONEPASSWORD),
    Rule::token(
        "onepassword-secret-key",
        &["a3-"],
        "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
        "https://support.1password.com/secret-key-security/",
    ),
    Rule::token(
        "stytch-secret",
        &["secret-live-", "secret-test-"],
        "secret-(?:live|test)-[A-Za-z0-9_-]{36}=?",
        "https://stytch.com/docs/api/authentication",
    ),
    Rule::group("okta-token", &["ssws "], "(?i:ssws) (00[A-Za-z0-9_-]{40})", OKTA),
    Rule::token(
        "salesforce-session",
        &["00d"],
        "00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{90,120}",
        "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/quickstart_oauth.htm",
    ),
    Rule::value(
        "zendesk-token",
        &["zendesk"],
        "[A-Za-z0-9]{40}",
        "https://developer.zendesk.com/api-reference/introduction/security-and-auth/",
    ),
    Rule::value(
        "rapidapi-key",
        &["rapidapi"],
        "[a-z0-9]{10}msh[a-z0-9]{15}p1[a-z0-9]{6}jsn[a-z0-9]{12}",
        "https://docs.rapidapi.com/docs/keys",
    ),
    Rule::token(
        "ubidots-token",
        &["bbff-"],
        "BBFF-[A-Za-z0-9]{30}",
        "https://docs.ubidots.com/reference/authentication",
    ),
    Rule::value(
        "asana-token",
        &["asana"],
        "[12]/[0-9]{13,20}(?:/[0-9]{13,20})?:[0-9a-f]{32}",
        "https://developers.asana.com/docs/personal-access-token",
    ),
    Rule::value(
        "spotify-secret",
        &["spotify"],
        "[0-9a-f]{32}",
        "https://developer.spotify.com/documentation/web-api/concepts/apps",
    ),
    Rule::token(
        "zapier-webhook",
        &["https://hooks.zapier.com/"],
        "https://hooks\\.zapier\\.com/hooks/catch/[0-9]{5,10}/[a-z0-9]{6,10}",
        "https://help.zapier.com/hc/en-us/articles/8496288690317",
    )
    .maybe(),
    Rule::token(
        "tinybird-token",
        &["p.eyj"],
        r"p\.eyJ[A-Za-z0-9_-]{40,300}\.[A-Za-z0-9_-]{43}",
        "https://www.tinybird.co/docs/forward/administration/tokens",
    )
    .checked(Check::Mixed),
    Rule::token(
        "workos-key",
        &["sk_prod_"],
        "sk_prod_[A-Za-z0-9]{40,80}",
        "https://workos.com/docs/reference/api-keys",
    )
    .found(Finds::Start),
];
