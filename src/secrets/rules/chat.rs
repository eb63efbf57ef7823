//! Tokens of those who carry messages and mail.

use super::super::rule::{Finds, Rule};

const SLACK: &str = "https://docs.slack.dev/authentication/tokens";
const SLACK_HOOKS: &str = "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks";
const DISCORD: &str = "https://discord.com/developers/docs/resources/webhook";
const BREVO: &str = "https://developers.brevo.com/docs/getting-started";
const MAILGUN: &str = "https://documentation.mailgun.com/docs/mailgun/api-reference/mg-auth";
const MAILCHIMP: &str = "https://mailchimp.com/developer/marketing/guides/quick-start/";

pub(super) const RULES: &[Rule] = &[
    Rule::token("slack-bot-token", &["xoxb-"], "xoxb-[0-9]{8,14}-[0-9A-Za-z-]{18,80}", SLACK),
    Rule::token("slack-user-token", &["xoxp-"], "xoxp-(?:[0-9]{8,14}-){2,3}[0-9A-Za-z]{24,40}", SLACK),
    Rule::token("slack-app-token", &["xapp-"], "xapp-[0-9]-[A-Z0-9]{8,14}-[0-9]{8,14}-[0-9a-f]{60,70}", SLACK),
    Rule::token("slack-config-token", &["xoxe.xox"], r"xoxe\.xox[bp]-[0-9]-[A-Za-z0-9]{140,180}", SLACK),
    Rule::token("slack-refresh-token", &["xoxe-"], "xoxe-[0-9]-[A-Za-z0-9]{140,180}", SLACK),
    Rule::token(
        "slack-workspace-token",
        &["xoxa-", "xoxr-", "xoxs-"],
        "xox[ars]-(?:[0-9]-)?[0-9A-Za-z-]{24,80}",
        SLACK,
    ),
    Rule::token(
        "slack-browser-token",
        &["xoxc-", "xoxd-"],
        "xox(?:c-(?:[0-9]{8,14}-){2,3}[0-9a-f]{64}|d-[A-Za-z0-9%+/=_-]{40,300})",
        SLACK,
    ),
    Rule::token(
        "slack-webhook",
        &["https://hooks.slack.com/"],
        "https://hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{40,90}",
        SLACK_HOOKS,
    ),
    Rule::token(
        "discord-webhook",
        &["https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/"],
        "https://discord(?:app)?\\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,72}",
        DISCORD,
    ),
    Rule::value(
        "discord-bot-token",
        &["discord"],
        r"[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,40}",
        "https://discord.com/developers/docs/reference#authentication",
    ),
    Rule::token(
        "teams-webhook",
        &[".webhook.office.com/"],
        r"\.webhook\.office\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/[0-9a-zA-Z]{32}/[0-9a-f-]{36}",
        "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
    ),
    Rule::token(
        "google-chat-webhook",
        &["https://chat.googleapis.com/v1/spaces/"],
        r"https://chat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]{6,20}/messages\?key=[A-Za-z0-9_-]{39}&token=[A-Za-z0-9_%-]{40,60}",
        "https://developers.google.com/workspace/chat/quickstart/webhooks",
    ),
    Rule::token(
        "telegram-bot-token",
        &[":aa"],
        "(?:bot)?[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
        "https://core.telegram.org/bots/api#authorizing-your-bot",
    )
    .found(Finds::Word),
    Rule::value("twilio-auth-token", &["twilio"], "[0-9a-f]{32}", "https://www.twilio.com/docs/iam/api-keys"),
    Rule::token(
        "sendgrid-key",
        &["sg."],
        r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
        "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
    ),
    Rule::token("mailgun-key", &["key-"], "key-[0-9a-f]{32}", MAILGUN),
    Rule::value("mailgun-signing-key", &["mailgun"], "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}", MAILGUN),
    Rule::token("mailchimp-key", &["-us"], "[0-9a-f]{32}-us[0-9]{1,2}", MAILCHIMP).found(Finds::Word),
    Rule::token(
        "mailchimp-transactional-key",
        &["md-"],
        "md-[A-Za-z0-9_-]{22}",
        "https://mailchimp.com/developer/transactional/guides/quick-start/",
    )
    .checked(super::super::rule::Check::Mixed),
    Rule::token("brevo-key", &["xkeysib-"], "xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}", BREVO),
    Rule::token("brevo-smtp-key", &["xsmtpsib-"], "xsmtpsib-[0-9a-f]{64}-[A-Za-z0-9]{16}", BREVO),
    Rule::token(
        "resend-key",
        &["re_"],
        "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}",
        "https://resend.com/docs/dashboard/api-keys/introduction",
    ),
    Rule::value(
        "postmark-token",
        &["postmark"],
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "https://postmarkapp.com/developer/api/overview",
    ),
    Rule::token(
        "twitch-chat-token",
        &["oauth:"],
        "oauth:[a-z0-9]{30}",
        "https://dev.twitch.tv/docs/chat/authenticating/",
    ),
    Rule::token(
        "facebook-token",
        &["eaa"],
        "EAA[A-Za-z0-9]{100,400}",
        "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/",
    ),
    Rule::token(
        "twitter-bearer",
        &["aaaaaaaaaaaaaaaaaaaaa"],
        "A{21}[A-Za-z0-9%]{60,120}",
        "https://docs.x.com/fundamentals/authentication/oauth-2-0/bearer-tokens",
    ),
];
