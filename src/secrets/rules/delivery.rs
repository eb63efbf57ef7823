//! Tokens of registries of packages, and of those who build, configure and deliver programs.

use super::super::rule::{Check, Finds, Rule};

const UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const PYPI: &str = "https://pypi.org/help/#apitoken";
const DOCKER: &str = "https://docs.docker.com/security/access-tokens/";
const JFROG: &str = "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens";
const CIRCLE: &str = "https://circleci.com/docs/managing-api-tokens/";
const VAULT: &str = "https://developer.hashicorp.com/vault/docs/concepts/tokens";
const TERRAFORM: &str = "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens";
const SONAR: &str = "https://docs.sonarsource.com/sonarqube-server/user-guide/managing-tokens/";
const DOPPLER: &str = "https://docs.doppler.com/reference/auth-token-formats";

pub(super) const RULES: &[Rule] = &[
    Rule::token("npm-token", &["npm_"], "npm_[A-Za-z0-9]{36}", "https://docs.npmjs.com/about-access-tokens"),
    Rule::token("pypi-token", &["pypi-ageichlwas5vcmc"], "pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,1000}", PYPI),
    Rule::token(
        "pypi-test-token",
        &["pypi-agendgvzdc5wexbplm9yzw"],
        "pypi-AgENdGVzdC5weXBpLm9yZw[A-Za-z0-9_-]{50,1000}",
        PYPI,
    ),
    Rule::token("rubygems-key", &["rubygems_"], "rubygems_[0-9a-f]{48}", "https://guides.rubygems.org/api-key-scopes/"),
    Rule::token("crates-io-token", &["cio"], "cio[A-Za-z0-9]{32}", "https://crates.io/settings/tokens"),
    Rule::token(
        "nuget-key",
        &["oy2"],
        "oy2[a-z0-9]{43}",
        "https://learn.microsoft.com/en-us/nuget/nuget-org/scoped-api-keys",
    ),
    Rule::group(
        "docker-login",
        &["docker login", "podman login"],
        r#"(?:docker|podman) login (?:[^\n|;&]{0,200}? )?(?:-p|--password)[ =]["']?([^\s"'\\;|&<>${}]{6,200})"#,
        "https://docs.docker.com/reference/cli/docker/login/",
    )
    .checked(Check::Mixed),
    Rule::token("docker-pat", &["dckr_pat_"], "dckr_pat_[A-Za-z0-9_-]{27}", DOCKER),
    Rule::token("docker-org-token", &["dckr_oat_"], "dckr_oat_[A-Za-z0-9_-]{32}", DOCKER),
    Rule::token(
        "clojars-token",
        &["clojars_"],
        "CLOJARS_[0-9a-f]{60}",
        "https://github.com/clojars/clojars-web/wiki/Deploy-Tokens",
    ),
    Rule::token("artifactory-key", &["akcp"], "AKCp[A-Za-z0-9]{69}", JFROG),
    Rule::token("artifactory-reference-token", &["cmvmdgtu"], "cmVmdGtu[A-Za-z0-9]{56}", JFROG),
    Rule::token("circleci-pat", &["ccipat_"], "CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}", CIRCLE),
    Rule::token("circleci-project-token", &["cciprj_"], "CCIPRJ_[A-Za-z0-9]{22}_[0-9a-f]{40}", CIRCLE),
    Rule::token(
        "buildkite-token",
        &["bkua_"],
        "bkua_[0-9a-f]{40}",
        "https://buildkite.com/docs/apis/managing-api-tokens",
    ),
    Rule::token(
        "pulumi-token",
        &["pul-"],
        "pul-[0-9a-f]{40}",
        "https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/",
    ),
    Rule::token("terraform-token", &[".atlasv1."], r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}", TERRAFORM)
        .found(Finds::Within(14)),
    Rule::token("vault-service-token", &["hvs."], r"hvs\.[A-Za-z0-9_-]{24,300}", VAULT),
    Rule::token("vault-batch-token", &["hvb."], r"hvb\.[A-Za-z0-9_-]{100,300}", VAULT),
    Rule::token("vault-recovery-token", &["hvr."], r"hvr\.[A-Za-z0-9_-]{24,300}", VAULT),
    Rule::token("sonar-user-token", &["squ_"], "squ_[0-9a-f]{40}", SONAR),
    Rule::token("sonar-project-token", &["sqp_"], "sqp_[0-9a-f]{40}", SONAR),
    Rule::token("sonar-global-token", &["sqa_"], "sqa_[0-9a-f]{40}", SONAR),
    Rule::token(
        "doppler-token",
        &["dp."],
        r"dp\.(?:pt|st|ct|sa|said|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
        DOPPLER,
    ),
    Rule::token(
        "prefect-key",
        &["pnu_", "pnb_"],
        "pn[ub]_[A-Za-z0-9]{36}",
        "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/api-keys",
    ),
    Rule::token(
        "octopus-key",
        &["api-"],
        "API-[A-Z0-9]{26,32}",
        "https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key",
    )
    .checked(super::super::rule::Check::Mixed),
    Rule::token(
        "harness-pat",
        &["pat."],
        r"pat\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}",
        "https://developer.harness.io/docs/platform/automation/api/add-and-manage-api-keys",
    ),
    Rule::token("scalingo-token", &["tk-us-"], "tk-us-[A-Za-z0-9_-]{48}", "https://developers.scalingo.com/tokens"),
    Rule::token(
        "dbt-token",
        &["dbtc_", "dbtu_"],
        "dbt[cu]_[A-Za-z0-9_-]{36,64}",
        "https://docs.getdbt.com/docs/dbt-cloud-apis/authentication",
    ),
    Rule::token(
        "launchdarkly-key",
        &["sdk-", "api-", "mob-"],
        "(?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "https://launchdarkly.com/docs/home/account/api",
    ),
    Rule::value("snyk-token", &["snyk"], UUID, "https://docs.snyk.io/snyk-api/authentication-for-api"),
    Rule::value("codecov-token", &["codecov"], UUID, "https://docs.codecov.com/docs/codecov-tokens"),
    Rule::value(
        "travis-token",
        &["travis"],
        "[A-Za-z0-9_-]{20,22}",
        "https://docs.travis-ci.com/user/triggering-builds/",
    )
    .maybe(),
    Rule::group(
        "dotenv-vault-key",
        &["dotenv://"],
        "dotenv://:(key_[0-9a-f]{64})@",
        "https://www.dotenv.org/docs/security/dotenv-key",
    ),
    Rule::group(
        "npmrc-auth",
        &["_authtoken", ":_password", ":_auth="],
        r#"(?:_authToken|:_password|:_auth)\s*=\s*["']?([A-Za-z0-9+/=_-]{16,200})"#,
        "https://docs.npmjs.com/cli/configuring-npm/npmrc",
    )
    .checked(super::super::rule::Check::Mixed),
    Rule::group(
        "docker-auth",
        &["\"auth\"", "\"auth\\"],
        r#""auth\\*"\s*:\s*\\*"([A-Za-z0-9+/]{16,400}={0,2})\\*""#,
        "https://docs.docker.com/reference/cli/docker/login/",
    )
    .checked(super::super::rule::Check::Mixed),
];
