//! Keys of shops and of those who move money.

use super::super::rule::{Check, Rule};

const STRIPE: &str = "https://docs.stripe.com/keys";
const SQUARE: &str = "https://developer.squareup.com/docs/build-basics/access-tokens";
const SHOPIFY: &str = "https://shopify.dev/changelog/length-of-the-shopify-access-token-is-increasing";
const EASYPOST: &str = "https://docs.easypost.com/docs/authentication";
const FLUTTERWAVE: &str = "https://developer.flutterwave.com/docs/authentication";

pub(super) const RULES: &[Rule] = &[
    Rule::token("stripe-live-key", &["sk_live_"], "sk_live_[A-Za-z0-9]{24,247}", STRIPE),
    Rule::token("stripe-test-key", &["sk_test_"], "sk_test_[A-Za-z0-9]{24,247}", STRIPE),
    Rule::token("stripe-restricted-key", &["rk_live_", "rk_test_"], "rk_(?:live|test)_[A-Za-z0-9]{24,247}", STRIPE),
    Rule::token(
        "stripe-webhook-secret",
        &["whsec_"],
        "whsec_[A-Za-z0-9+/]{32,64}={0,2}",
        "https://docs.stripe.com/webhooks",
    ),
    Rule::token("square-access-token", &["eaaa"], "EAAA[A-Za-z0-9_-]{60}", SQUARE),
    Rule::token("square-token", &["sq0atp-"], "sq0atp-[A-Za-z0-9_-]{22}", SQUARE),
    Rule::token("square-oauth-secret", &["sq0csp-"], "sq0csp-[A-Za-z0-9_-]{43}", SQUARE),
    Rule::token(
        "braintree-token",
        &["access_token$"],
        r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[0-9a-f]{32}",
        "https://developer.paypal.com/braintree/docs/guides/authorization/access-token",
    ),
    Rule::token("shopify-access-token", &["shpat_"], "shpat_[0-9a-fA-F]{32}", SHOPIFY),
    Rule::token("shopify-custom-app-token", &["shpca_"], "shpca_[0-9a-fA-F]{32}", SHOPIFY),
    Rule::token("shopify-private-app-token", &["shppa_"], "shppa_[0-9a-fA-F]{32}", SHOPIFY),
    Rule::token("shopify-shared-secret", &["shpss_"], "shpss_[0-9a-fA-F]{32}", SHOPIFY),
    Rule::token(
        "razorpay-key-id",
        &["rzp_live_"],
        "rzp_live_[A-Za-z0-9]{14}",
        "https://razorpay.com/docs/payments/dashboard/account-settings/api-keys/",
    ),
    Rule::token(
        "plaid-access-token",
        &["access-sandbox-", "access-development-", "access-production-"],
        "access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "https://plaid.com/docs/quickstart/glossary/#access-token",
    ),
    Rule::token("flutterwave-secret-key", &["flwseck"], "FLWSECK(?:_TEST)?-[0-9a-zA-Z]{32}-X", FLUTTERWAVE),
    Rule::token(
        "shippo-token",
        &["shippo_"],
        "shippo_(?:live|test)_[0-9a-f]{40}",
        "https://docs.goshippo.com/docs/guides_general/authentication/",
    ),
    Rule::token("easypost-key", &["ezak"], "EZAK[A-Za-z0-9]{54}", EASYPOST),
    Rule::token("easypost-test-key", &["eztk"], "EZTK[A-Za-z0-9]{54}", EASYPOST),
    Rule::token(
        "duffel-token",
        &["duffel_"],
        "duffel_(?:live|test)_[A-Za-z0-9_-]{43}",
        "https://duffel.com/docs/api/overview/making-requests/authentication",
    ),
    Rule::token(
        "lob-key",
        &["live_", "test_"],
        "(?:live|test)_[0-9a-f]{35}",
        "https://docs.lob.com/#tag/Authentication",
    ),
    Rule::token("polar-token", &["polar_oat_"], "polar_oat_[A-Za-z0-9]{32,48}", "https://polar.sh/docs/integrate/oat"),
    Rule::value(
        "coinbase-secret",
        &["coinbase"],
        "[A-Za-z0-9+/]{86}==|[A-Za-z0-9]{64}",
        "https://docs.cdp.coinbase.com/get-started/authentication/overview",
    )
    .checked(Check::Mixed),
];
