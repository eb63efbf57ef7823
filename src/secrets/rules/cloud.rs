//! Keys of clouds, and of what stands in front of them.

use super::super::rule::{Check, Finds, Rule};

const AWS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids";
const AWS_KEYS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html";
const AWS_BEDROCK: &str = "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html";
const GOOGLE_KEY: &str = "https://cloud.google.com/docs/authentication/api-keys";
const GOOGLE_OAUTH: &str = "https://developers.google.com/identity/protocols/oauth2";
const AZURE: &str = "https://learn.microsoft.com/en-us/purview/sit-sensitive-information-type-entity-definitions";
const AZURE_STORAGE: &str =
    "https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string";
const AZURE_SAS: &str = "https://learn.microsoft.com/en-us/azure/storage/common/storage-sas-overview";
const AZURE_CASK: &str = "https://github.com/microsoft/security-utilities (common annotated security keys)";
const DIGITALOCEAN: &str = "https://docs.digitalocean.com/reference/api/create-personal-access-token/";
const CLOUDFLARE: &str = "https://developers.cloudflare.com/fundamentals/api/get-started/";
const HEROKU: &str = "https://devcenter.heroku.com/articles/platform-api-quickstart";
const FLY: &str = "https://fly.io/docs/security/tokens/";
const YANDEX: &str = "https://yandex.cloud/en/docs/iam/concepts/authorization/";
const SUPABASE: &str = "https://supabase.com/docs/guides/api/api-keys";

pub(super) const RULES: &[Rule] = &[
    Rule::token("aws-access-key-id", &["akia", "asia", "abia", "acca"], "A(?:KI|SI|BI|CC)A[A-Z2-7]{16}", AWS),
    Rule::value(
        "aws-secret-key",
        &[
            "secret_access_key",
            "secretaccesskey",
            "secret-access-key",
            "aws_secret",
            "awssecret",
            "secretkey",
            "secret_key",
        ],
        "[A-Za-z0-9/+]{40}",
        AWS_KEYS,
    ),
    Rule::group(
        "aws-secret-key-beside-its-id",
        &["akia", "asia"],
        r#"A(?:KI|SI)A[A-Z2-7]{16}[\s -~]{0,400}?[\s"'\\,;:=|]([A-Za-z0-9/+]{40})(?:[\s"'\\,;|<]|$)"#,
        AWS_KEYS,
    )
    .checked(Check::Capitals),
    Rule::group(
        "aws-secret-key-in-a-table",
        &["secret access key", "secretaccesskey"],
        r"(?i)secret ?access ?key(?: \[[^\]]{0,40}\]:)?[\s|]{1,80}([A-Za-z0-9/+]{40})(?:[\s|]|$)",
        AWS_KEYS,
    )
    .checked(Check::Capitals),
    Rule::value(
        "aws-session-token",
        &["session_token", "sessiontoken", "security_token"],
        "[A-Za-z0-9/+]{100,1500}={0,2}",
        AWS_KEYS,
    ),
    Rule::token("aws-bedrock-key", &["absk"], "ABSK[A-Za-z0-9+/]{100,260}={0,2}", AWS_BEDROCK),
    Rule::group(
        "aws-signature",
        &["x-amz-signature"],
        "(?i)x-amz-signature=([0-9a-f]{64})",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html",
    )
    .maybe(),
    Rule::token("google-api-key", &["aiza"], "AIza[A-Za-z0-9_-]{35}", GOOGLE_KEY),
    Rule::token("google-oauth-secret", &["gocspx-"], "GOCSPX-[A-Za-z0-9_-]{28}", GOOGLE_OAUTH),
    Rule::token("google-access-token", &["ya29."], r"ya29\.(?:c\.)?[A-Za-z0-9_-]{30,1000}", GOOGLE_OAUTH),
    Rule::token("google-refresh-token", &["1//0"], "1//0[A-Za-z0-9_-]{40,200}", GOOGLE_OAUTH),
    Rule::token("azure-client-secret", &["7q~", "8q~"], "[A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}", AZURE)
        .found(Finds::Within(3)),
    Rule::token("azure-devops-pat", &["azdo"], "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}", AZURE).found(Finds::Within(76)),
    Rule::token("azure-registry-key", &["+acr"], r"[A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9+/]{6}", AZURE)
        .found(Finds::Within(42)),
    Rule::token("azure-storage-key", &["+ast"], r"[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]==", AZURE)
        .found(Finds::Within(76)),
    Rule::token("azure-cosmos-key", &["acdb"], "[A-Za-z0-9+/]{76}ACDb[A-Za-z0-9+/]{5}[AQgw]==", AZURE)
        .found(Finds::Within(76)),
    Rule::token("azure-batch-key", &["+aba"], r"[A-Za-z0-9+/]{76}\+ABa[A-Za-z0-9+/]{5}[AQgw]==", AZURE)
        .found(Finds::Within(76)),
    Rule::token(
        "azure-service-bus-key",
        &["+asb"],
        r"[A-Za-z0-9+/]{33}\+ASb[A-Za-z0-9+/]{5}[AEIMQUYcgkosw048]=",
        AZURE,
    )
    .found(Finds::Within(33)),
    Rule::token("azure-event-hub-key", &["+aeh"], r"[A-Za-z0-9+/]{33}\+AEh[A-Za-z0-9+/]{5}[AEIMQUYcgkosw048]=", AZURE)
        .found(Finds::Within(33)),
    Rule::token("azure-relay-key", &["+arm"], r"[A-Za-z0-9+/]{33}\+ARm[A-Za-z0-9+/]{5}[AEIMQUYcgkosw048]=", AZURE)
        .found(Finds::Within(33)),
    Rule::token("azure-iot-key", &["aiot"], "[A-Za-z0-9+/]{33}AIoT[A-Za-z0-9+/]{5}[AEIMQUYcgkosw048]=", AZURE)
        .found(Finds::Within(33)),
    Rule::token("azure-redis-key", &["azca"], "[A-Za-z0-9]{33}AzCa[A-P][A-Za-z0-9]{5}=", AZURE)
        .found(Finds::Within(33)),
    Rule::token("azure-search-key", &["azse"], "[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}", AZURE)
        .found(Finds::Within(42)),
    Rule::token("azure-function-key", &["azfu"], "[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==", AZURE)
        .found(Finds::Within(44)),
    Rule::token("azure-annotated-key", &["jqqj99"], "[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}", AZURE_CASK)
        .found(Finds::Within(52)),
    Rule::group(
        "azure-connection-string",
        &["accountkey=", "sharedaccesskey="],
        "(?i)(?:account|sharedaccess)key=([A-Za-z0-9+/]{43,86}={1,2})",
        AZURE_STORAGE,
    ),
    Rule::group("azure-sas-signature", &["?sig=", "&sig="], "[?&]sig=([A-Za-z0-9%+/]{40,80}(?:%3D|=))", AZURE_SAS),
    Rule::token("digitalocean-pat", &["dop_v1_"], "dop_v1_[0-9a-f]{64}", DIGITALOCEAN),
    Rule::token("digitalocean-oauth", &["doo_v1_"], "doo_v1_[0-9a-f]{64}", DIGITALOCEAN),
    Rule::token("digitalocean-refresh", &["dor_v1_"], "dor_v1_[0-9a-f]{64}", DIGITALOCEAN),
    Rule::token("cloudflare-origin-key", &["v1.0-"], r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}", CLOUDFLARE),
    Rule::value("cloudflare-token", &["cloudflare", "cf_api"], "[A-Za-z0-9_-]{40}|[0-9a-f]{37}", CLOUDFLARE),
    Rule::token(
        "heroku-token",
        &["hrku-"],
        "HRKU-(?:AA[A-Za-z0-9_-]{58}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        HEROKU,
    ),
    Rule::value("heroku-key", &["heroku"], "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", HEROKU),
    Rule::value(
        "linode-token",
        &["linode"],
        "[0-9a-f]{64}",
        "https://techdocs.akamai.com/cloud-computing/docs/manage-personal-access-tokens",
    ),
    Rule::value(
        "hetzner-token",
        &["hcloud", "hetzner"],
        "[A-Za-z0-9]{64}",
        "https://docs.hetzner.cloud/reference/cloud#getting-started",
    ),
    Rule::value("vultr-key", &["vultr"], "[A-Z0-9]{36}", "https://www.vultr.com/api/#section/Authentication"),
    Rule::value(
        "scaleway-secret-key",
        &["scw_secret", "scaleway"],
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "https://www.scaleway.com/en/docs/iam/concepts/#api-key",
    ),
    Rule::value(
        "fastly-token",
        &["fastly"],
        "[A-Za-z0-9_-]{32}",
        "https://www.fastly.com/documentation/reference/api/auth-tokens/",
    ),
    Rule::token(
        "fly-token",
        &["fm1r_", "fm2_", "fm1a_", "fo1_"],
        "f(?:m1[ar]|m2|o1)_[A-Za-z0-9+/_-]{40,2000}={0,3}",
        FLY,
    ),
    Rule::token("netlify-token", &["nfp_"], "nfp_[A-Za-z0-9]{36}", "https://docs.netlify.com/api/get-started/"),
    Rule::token("render-key", &["rnd_"], "rnd_[A-Za-z0-9]{28,36}", "https://render.com/docs/api").checked(Check::Mixed),
    Rule::token("supabase-token", &["sbp_"], "sbp_[0-9a-f]{40}", SUPABASE),
    Rule::token("supabase-secret-key", &["sb_secret_"], "sb_secret_[A-Za-z0-9_-]{31,44}", SUPABASE),
    Rule::token(
        "alibaba-access-key-id",
        &["ltai"],
        "LTAI[A-Za-z0-9]{12,20}",
        "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
    )
    .checked(Check::Mixed),
    Rule::token(
        "tencent-secret-id",
        &["akid"],
        "AKID[A-Za-z0-9]{32}",
        "https://www.tencentcloud.com/document/product/598/32675",
    )
    .checked(Check::Mixed),
    Rule::token("yandex-api-key", &["aqvn"], "AQVN[A-Za-z0-9_-]{35,38}", YANDEX),
    Rule::token("yandex-iam-token", &["t1."], r"t1\.[A-Z0-9a-z_-]{16,1000}={0,2}\.[A-Z0-9a-z_-]{86}={0,2}", YANDEX),
    Rule::value(
        "ibm-cloud-key",
        &["ibmcloud", "ibm_cloud", "bluemix"],
        "[A-Za-z0-9_-]{44}",
        "https://cloud.ibm.com/docs/account?topic=account-userapikey",
    ),
    Rule::token(
        "tailscale-key",
        &["tskey-"],
        "tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{24,48}",
        "https://tailscale.com/kb/1277/key-prefixes",
    ),
    Rule::value(
        "ngrok-token",
        &["ngrok", "authtoken"],
        "[12][A-Za-z0-9]{26}_[A-Za-z0-9]{20,24}",
        "https://ngrok.com/docs/agent/#authtokens",
    ),
];
