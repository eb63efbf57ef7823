//! How programs reach their databases: addresses with passwords in them, and keys of those who keep databases for others.

use super::super::rule::{Check, Rule};

const POSTGRES: &str = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS";
const MYSQL: &str = "https://dev.mysql.com/doc/refman/8.4/en/connecting-using-uri-or-key-value-pairs.html";
const MONGO: &str = "https://www.mongodb.com/docs/manual/reference/connection-string/";
const PLANETSCALE: &str = "https://planetscale.com/docs/concepts/planetscale-service-tokens";

pub(super) const RULES: &[Rule] = &[
    Rule::group(
        "mysql-password-option",
        &["mysql ", "mysqldump ", "mysqladmin ", "mariadb "],
        r#"(?:mysql|mysqldump|mysqladmin|mariadb) (?:[^\n|;&"'\\]{0,200}? )?-p([^\s"'\\;|&<>${}-][^\s"'\\;|&<>${}]{5,63})"#,
        "https://dev.mysql.com/doc/refman/8.4/en/connecting.html",
    )
    .checked(Check::Mixed)
    .maybe(),
    Rule::group(
        "redis-cli-password",
        &["redis-cli "],
        r#"redis-cli (?:[^\n|;&"'\\]{0,100}? )?(?:-a|--pass) ?\\*["']?([^\s"'\\;|&<>${}]{6,100})"#,
        "https://redis.io/docs/latest/develop/tools/cli/",
    )
    .checked(Check::Mixed),
    Rule::group(
        "sql-password",
        &["identified by '", "password '"],
        r"(?i)(?:identified by|password) '([^\s'\\<>${}]{6,128})'",
        "https://www.postgresql.org/docs/current/sql-createrole.html",
    )
    .checked(Check::Mixed),
    Rule::group(
        "pgpass-line",
        &[":5432:"],
        r#":5432:[^:\s"'\\]{1,63}:[^:\s"'\\]{1,63}:([^:\s"'\\<>${}]{6,100})(?:[\s"'\\]|$)"#,
        "https://www.postgresql.org/docs/current/libpq-pgpass.html",
    )
    .checked(Check::Mixed),
    Rule::group(
        "postgres-url",
        &["postgres://", "postgresql://"],
        r#"postgres(?:ql)?://[^\s/:@"'\\<>{}$]{1,64}:([^\s/@"'\\<>{}$]{4,128})@[A-Za-z0-9\[{$]"#,
        POSTGRES,
    )
    .checked(Check::Password),
    Rule::group(
        "mysql-url",
        &["mysql://", "mariadb://"],
        r#"(?:mysql|mariadb)://[^\s/:@"'\\<>{}$]{1,64}:([^\s/@"'\\<>{}$]{4,128})@[A-Za-z0-9\[{$]"#,
        MYSQL,
    )
    .checked(Check::Password),
    Rule::group(
        "mongodb-url",
        &["mongodb://", "mongodb+srv://"],
        r#"mongodb(?:\+srv)?://[^\s/:@"'\\<>{}$]{1,64}:([^\s/@"'\\<>{}$]{4,128})@[A-Za-z0-9\[{$]"#,
        MONGO,
    )
    .checked(Check::Password),
    Rule::group(
        "redis-url",
        &["redis://", "rediss://"],
        r#"rediss?://[^\s/:@"'\\<>{}$]{0,64}:([^\s/@"'\\<>{}$]{4,128})@[A-Za-z0-9\[{$]"#,
        "https://www.iana.org/assignments/uri-schemes/prov/redis",
    )
    .checked(Check::Password),
    Rule::group(
        "amqp-url",
        &["amqp://", "amqps://"],
        r#"amqps?://[^\s/:@"'\\<>{}$]{1,64}:([^\s/@"'\\<>{}$]{4,128})@[A-Za-z0-9\[{$]"#,
        "https://www.rabbitmq.com/docs/uri-spec",
    )
    .checked(Check::Password),
    Rule::group(
        "cloudinary-url",
        &["cloudinary://"],
        "cloudinary://[0-9]{12,18}:([A-Za-z0-9_-]{27})@",
        "https://cloudinary.com/documentation/how_to_integrate_cloudinary",
    ),
    Rule::group(
        "jdbc-password",
        &["jdbc:"],
        r#"jdbc:[^\s"'<>\\]{4,300}?[?&;](?i:password)=([^\s&;"'<>{}$\\]{4,128})"#,
        "https://jdbc.postgresql.org/documentation/use/",
    )
    .checked(Check::Password),
    Rule::group(
        "connection-string-password",
        &[";password=", "; password=", ";pwd=", "; pwd="],
        r#"(?i);\s?(?:password|pwd)=([^\s;"'<>{}$\\]{6,128})"#,
        "https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax",
    )
    .checked(Check::Password),
    Rule::token("planetscale-token", &["pscale_tkn_"], "pscale_tkn_[A-Za-z0-9_=.-]{32,64}", PLANETSCALE),
    Rule::token("planetscale-password", &["pscale_pw_"], "pscale_pw_[A-Za-z0-9_=.-]{32,64}", PLANETSCALE),
    Rule::token("planetscale-oauth", &["pscale_oauth_"], "pscale_oauth_[A-Za-z0-9_=.-]{32,64}", PLANETSCALE),
    Rule::token("neon-key", &["napi_"], "napi_[a-z0-9]{60,70}", "https://neon.com/docs/manage/api-keys"),
    Rule::token(
        "mongodb-service-account-secret",
        &["mdb_sa_sk_"],
        "mdb_sa_sk_[A-Za-z0-9_-]{40}",
        "https://www.mongodb.com/docs/atlas/api/service-accounts-overview/",
    ),
    Rule::token(
        "databricks-token",
        &["dapi"],
        "dapi[0-9a-f]{32}(?:-[0-9])?",
        "https://docs.databricks.com/aws/en/dev-tools/auth/pat",
    ),
    Rule::value(
        "influxdb-token",
        &["influx"],
        "[A-Za-z0-9_-]{86}==",
        "https://docs.influxdata.com/influxdb/v2/admin/tokens/",
    ),
];
