//! Keys of models and of those who serve them, and what Codex itself signs in with.

use super::super::rule::{Check, Rule};

const OPENAI: &str = "https://platform.openai.com/docs/api-reference/authentication";
const ANTHROPIC: &str = "https://docs.claude.com/en/api/getting-started";
const CODEX: &str = "https://developers.openai.com/codex/auth (auth.json)";
const LANGSMITH: &str =
    "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key";

pub(super) const RULES: &[Rule] = &[
    Rule::token("openai-project-key", &["sk-proj-"], "sk-proj-[A-Za-z0-9_-]{20,200}", OPENAI).checked(Check::Mixed),
    Rule::token("openai-service-key", &["sk-svcacct-"], "sk-svcacct-[A-Za-z0-9_-]{20,200}", OPENAI)
        .checked(Check::Mixed),
    Rule::token("openai-admin-key", &["sk-admin-"], "sk-admin-[A-Za-z0-9_-]{20,200}", OPENAI).checked(Check::Mixed),
    Rule::token("openai-key", &["sk-"], "sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}", OPENAI),
    Rule::token("anthropic-key", &["sk-ant-api"], "sk-ant-api[0-9]{2}-[A-Za-z0-9_-]{80,120}", ANTHROPIC),
    Rule::token("anthropic-admin-key", &["sk-ant-admin"], "sk-ant-admin[0-9]{2}-[A-Za-z0-9_-]{80,120}", ANTHROPIC),
    Rule::token(
        "anthropic-oauth",
        &["sk-ant-oat", "sk-ant-ort", "sk-ant-sid"],
        "sk-ant-(?:oat|ort|sid)[0-9]{2}-[A-Za-z0-9_-]{80,140}",
        ANTHROPIC,
    ),
    Rule::token(
        "openrouter-key",
        &["sk-or-v1-"],
        "sk-or-v1-[0-9a-f]{64}",
        "https://openrouter.ai/docs/api-reference/authentication",
    ),
    Rule::token(
        "langfuse-key",
        &["sk-lf-"],
        "sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "https://langfuse.com/docs/api-and-data-platform/features/public-api",
    ),
    Rule::token(
        "helicone-key",
        &["sk-helicone-"],
        "sk-helicone-[a-z0-9-]{30,60}",
        "https://docs.helicone.ai/helicone-headers/helicone-auth",
    ),
    Rule::value(
        "codex-auth-token",
        &["access_token", "refresh_token", "id_token"],
        r"eyJ[A-Za-z0-9_-]{10,3000}\.[A-Za-z0-9_-]{10,3000}\.[A-Za-z0-9_-]{10,1000}|rt_[A-Za-z0-9_.-]{40,300}",
        CODEX,
    ),
    Rule::token(
        "hugging-face-token",
        &["hf_"],
        "hf_[A-Za-z0-9]{34}",
        "https://huggingface.co/docs/hub/security-tokens",
    ),
    Rule::token(
        "hugging-face-org-token",
        &["api_org_"],
        "api_org_[A-Za-z0-9]{34}",
        "https://huggingface.co/docs/hub/security-tokens",
    ),
    Rule::token(
        "replicate-token",
        &["r8_"],
        "r8_[A-Za-z0-9]{37}",
        "https://replicate.com/docs/reference/http#authentication",
    ),
    Rule::token("groq-key", &["gsk_"], "gsk_[A-Za-z0-9]{52}", "https://console.groq.com/docs/quickstart"),
    Rule::token(
        "perplexity-key",
        &["pplx-"],
        "pplx-[A-Za-z0-9]{40,56}",
        "https://docs.perplexity.ai/getting-started/quickstart",
    ),
    Rule::token("xai-key", &["xai-"], "xai-[A-Za-z0-9]{80}", "https://docs.x.ai/docs/tutorial"),
    Rule::token(
        "nvidia-key",
        &["nvapi-"],
        "nvapi-[A-Za-z0-9_-]{60,70}",
        "https://docs.api.nvidia.com/nim/docs/api-quickstart",
    ),
    Rule::token("cerebras-key", &["csk-"], "csk-[a-z0-9]{48}", "https://inference-docs.cerebras.ai/quickstart"),
    Rule::token(
        "fireworks-key",
        &["fw_"],
        "fw_[A-Za-z0-9]{22,24}",
        "https://docs.fireworks.ai/getting-started/quickstart",
    )
    .checked(Check::Mixed),
    Rule::token("together-key", &["tgp_v1_"], "tgp_v1_[A-Za-z0-9_-]{43}", "https://docs.together.ai/docs/quickstart"),
    Rule::token(
        "elevenlabs-key",
        &["sk_"],
        "sk_[0-9a-f]{48}",
        "https://elevenlabs.io/docs/api-reference/authentication",
    ),
    Rule::token("langsmith-key", &["lsv2_"], "lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}", LANGSMITH),
    Rule::token(
        "pinecone-key",
        &["pcsk_"],
        "pcsk_[A-Za-z0-9]{4,6}_[A-Za-z0-9]{50,70}",
        "https://docs.pinecone.io/guides/projects/manage-api-keys",
    ),
    Rule::token("jina-key", &["jina_"], "jina_[0-9a-f]{32}[A-Za-z0-9_-]{28}", "https://jina.ai/api-dashboard/"),
    Rule::token(
        "voyage-key",
        &["pa-"],
        "pa-[A-Za-z0-9_-]{43}",
        "https://docs.voyageai.com/docs/api-key-and-installation",
    )
    .checked(Check::Mixed),
    Rule::token(
        "tavily-key",
        &["tvly-"],
        "tvly-(?:dev-|prod-)?[A-Za-z0-9]{30,40}",
        "https://docs.tavily.com/documentation/quickstart",
    ),
    Rule::token("firecrawl-key", &["fc-"], "fc-[0-9a-f]{32}", "https://docs.firecrawl.dev/introduction"),
    Rule::token("e2b-key", &["e2b_"], "e2b_[0-9a-f]{40}", "https://e2b.dev/docs/api-key"),
    Rule::token("anyscale-key", &["esecret_"], "esecret_[A-Za-z0-9]{26,40}", "https://docs.anyscale.com/"),
    Rule::token(
        "runpod-key",
        &["rpa_"],
        "rpa_[A-Z0-9]{38}[A-Za-z0-9]{6}",
        "https://docs.runpod.io/get-started/api-keys",
    ),
    Rule::token(
        "modal-token",
        &["as-", "ak-"],
        "a[sk]-[A-Za-z0-9]{22}",
        "https://modal.com/docs/reference/modal.config",
    )
    .checked(Check::Mixed)
    .maybe(),
    Rule::token("cursor-key", &["crsr_", "key_"], "(?:crsr|key)_[0-9a-f]{64}", "https://cursor.com/docs/api"),
    Rule::value("mistral-key", &["mistral"], "[A-Za-z0-9]{32}", "https://docs.mistral.ai/getting-started/quickstart/"),
    Rule::value("cohere-key", &["cohere", "co_api_key"], "[A-Za-z0-9]{40}", "https://docs.cohere.com/reference/about"),
    Rule::value(
        "deepgram-key",
        &["deepgram"],
        "[0-9a-f]{40}",
        "https://developers.deepgram.com/docs/create-additional-api-keys",
    ),
    Rule::value(
        "assemblyai-key",
        &["assemblyai"],
        "[0-9a-f]{32}",
        "https://www.assemblyai.com/docs/deployment/account-management",
    ),
    Rule::value("wandb-key", &["wandb"], "[0-9a-f]{40}", "https://docs.wandb.ai/quickstart/"),
    // Whatever serves models tends to copy the first two letters.
    Rule::token("sk-key", &["sk-"], "sk-[A-Za-z0-9_-]{20,200}", OPENAI).checked(Check::Likely),
];
