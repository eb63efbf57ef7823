//! Tokens of those who host code.

use super::super::rule::Rule;

const GITHUB: &str =
    "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/";
const GITHUB_FINE: &str = "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens";
const GITLAB: &str = "https://docs.gitlab.com/security/tokens/#token-prefixes";
const ATLASSIAN: &str =
    "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/";
const BITBUCKET: &str = "https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/";
const SOURCEGRAPH: &str = "https://sourcegraph.com/docs/cli/how-tos/creating-an-access-token";

pub(super) const RULES: &[Rule] = &[
    Rule::token("github-pat", &["ghp_"], "ghp_[A-Za-z0-9]{36}", GITHUB),
    Rule::token("github-fine-grained-pat", &["github_pat_"], "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", GITHUB_FINE),
    Rule::token("github-oauth", &["gho_"], "gho_[A-Za-z0-9]{36}", GITHUB),
    Rule::token("github-app-user", &["ghu_"], "ghu_[A-Za-z0-9]{36}", GITHUB),
    Rule::token("github-app-installation", &["ghs_"], "ghs_[A-Za-z0-9]{36}", GITHUB),
    Rule::token("github-app-refresh", &["ghr_"], "ghr_[A-Za-z0-9]{36,76}", GITHUB),
    Rule::token("gitlab-pat", &["glpat-"], r"glpat-[A-Za-z0-9_-]{20,64}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?", GITLAB),
    Rule::token("gitlab-oauth-secret", &["gloas-"], "gloas-[A-Za-z0-9_-]{64}", GITLAB),
    Rule::token("gitlab-deploy-token", &["gldt-"], "gldt-[A-Za-z0-9_-]{20,64}", GITLAB),
    Rule::token("gitlab-runner", &["glrt-", "glrtr-"], "glrtr?-[A-Za-z0-9_-]{20,64}", GITLAB),
    Rule::token("gitlab-runner-registration", &["gr1348941"], "GR1348941[A-Za-z0-9_-]{20}", GITLAB),
    Rule::token("gitlab-ci-job", &["glcbt-"], "glcbt-[A-Za-z0-9]{1,5}_[A-Za-z0-9_-]{20}", GITLAB),
    Rule::token("gitlab-trigger", &["glptt-"], "glptt-[A-Za-z0-9_-]{20,64}", GITLAB),
    Rule::token("gitlab-feed", &["glft-"], "glft-[A-Za-z0-9_-]{20,64}", GITLAB),
    Rule::token("gitlab-incoming-mail", &["glimt-"], "glimt-[A-Za-z0-9_-]{25}", GITLAB),
    Rule::token("gitlab-agent", &["glagent-"], "glagent-[A-Za-z0-9_-]{50}", GITLAB),
    Rule::token("gitlab-scim", &["glsoat-"], "glsoat-[A-Za-z0-9_-]{20}", GITLAB),
    Rule::token("gitlab-feature-flags", &["glffct-"], "glffct-[A-Za-z0-9_-]{20}", GITLAB),
    Rule::token("atlassian-api-token", &["atatt3"], "ATATT3[A-Za-z0-9_=-]{180,220}", ATLASSIAN),
    Rule::token("bitbucket-access-token", &["atctt3"], "ATCTT3[A-Za-z0-9_=-]{180,220}", BITBUCKET),
    Rule::token("bitbucket-app-password", &["atbb"], "ATBB[A-Za-z0-9]{32}", BITBUCKET),
    Rule::token("sourcegraph", &["sgp_"], "sgp_(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{40}", SOURCEGRAPH),
];
