//! Keys of those who watch over programs, and who count what people do with them.

use super::super::rule::{Finds, Rule};

const NEW_RELIC: &str = "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/";
const GRAFANA: &str = "https://grafana.com/docs/grafana/latest/administration/service-accounts/";
const SENTRY: &str = "https://docs.sentry.io/account/auth-tokens/";
const DYNATRACE: &str = "https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication";
const DATADOG: &str = "https://docs.datadoghq.com/account_management/api-app-keys/";

pub(super) const RULES: &[Rule] = &[
    Rule::token("new-relic-user-key", &["nrak-"], "NRAK-[A-Z0-9]{27}", NEW_RELIC),
    Rule::token("new-relic-browser-key", &["nrjs-"], "NRJS-[0-9a-f]{19}", NEW_RELIC),
    Rule::token("new-relic-insert-key", &["nrii-"], "NRII-[A-Za-z0-9_-]{32}", NEW_RELIC),
    Rule::token("new-relic-license-key", &["nral"], "(?:[a-z]{2}[0-9]{2}xx)?[0-9a-f]{30,36}(?:FFFF)?NRAL", NEW_RELIC)
        .found(Finds::Word),
    Rule::token("grafana-service-token", &["glsa_"], "glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}", GRAFANA),
    Rule::token(
        "grafana-cloud-token",
        &["glc_eyj"],
        "glc_eyJ[A-Za-z0-9+/]{60,400}={0,2}",
        "https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/",
    ),
    Rule::token("grafana-api-key", &["eyjrijoi"], "eyJrIjoi[A-Za-z0-9+/]{60,400}={0,2}", GRAFANA),
    Rule::token("sentry-org-token", &["sntrys_eyj"], "sntrys_eyJ[A-Za-z0-9+/=]{80,400}_[A-Za-z0-9+/]{43}", SENTRY),
    Rule::token("sentry-user-token", &["sntryu_"], "sntryu_[0-9a-f]{64}", SENTRY),
    Rule::token(
        "honeycomb-key",
        &["hcaik_", "hcaic_", "hcbik_", "hcxik_", "hcamk_"],
        "hc(?:[abx]ik|aic|amk)_[a-z0-9]{58}",
        "https://docs.honeycomb.io/configure/environments/manage-api-keys/",
    ),
    Rule::token("dynatrace-token", &["dt0c01."], r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}", DYNATRACE),
    Rule::token("dynatrace-platform-token", &["dt0s16."], r"dt0s16\.[A-Z0-9]{8}\.[A-Z0-9]{64}", DYNATRACE),
    Rule::token("dynatrace-oauth-secret", &["dt0s02."], r"dt0s02\.[A-Z0-9]{8}\.[A-Z0-9]{64}", DYNATRACE),
    Rule::value("datadog-key", &["datadog", "dd_api", "dd_app"], "[0-9a-f]{40}|[0-9a-f]{32}", DATADOG),
    Rule::token("posthog-key", &["phx_", "phs_"], "ph[xs]_[A-Za-z0-9]{40,60}", "https://posthog.com/docs/api"),
    Rule::token(
        "elastic-token",
        &["essu_"],
        "essu_[A-Za-z0-9+/_-]{50,200}={0,2}",
        "https://www.elastic.co/docs/deploy-manage/api-keys/elastic-cloud-api-keys",
    ),
    Rule::value(
        "opsgenie-key",
        &["opsgenie"],
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "https://support.atlassian.com/opsgenie/docs/api-key-management/",
    ),
    Rule::value(
        "pagerduty-key",
        &["pagerduty"],
        "[A-Za-z0-9_+-]{20}|[0-9a-f]{32}",
        "https://support.pagerduty.com/main/docs/api-access-keys",
    ),
    Rule::value("rollbar-token", &["rollbar"], "[0-9a-f]{32}", "https://docs.rollbar.com/docs/access-tokens"),
    Rule::value("bugsnag-key", &["bugsnag"], "[0-9a-f]{32}", "https://docs.bugsnag.com/api/data-access/"),
    Rule::value(
        "mixpanel-secret",
        &["mixpanel"],
        "[0-9a-f]{32}",
        "https://developer.mixpanel.com/reference/project-secret",
    ),
    Rule::value("amplitude-key", &["amplitude"], "[0-9a-f]{32}", "https://amplitude.com/docs/apis/authentication"),
    Rule::value("algolia-key", &["algolia"], "[0-9a-f]{32}", "https://www.algolia.com/doc/guides/security/api-keys/"),
];
