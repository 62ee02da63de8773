//! Secrets that are known by their shape alone: the tokens of services,
//! private keys, JSON web tokens, password hashes. One table.
//!
//! Most prefixes and lengths follow gitleaks (MIT, see `THIRD_PARTY.md`),
//! rewritten so that each is tried only at its key word and reads a bounded
//! number of bytes. Not here: values that are secret only for the name beside
//! them (`assigned`).

/// One kind of token.
pub(super) struct Shape {
    /// The kind, as it stands in the placeholder.
    pub kind: &'static str,
    /// Key words at which to look for the token, in upper or lower case.
    pub words: &'static [&'static str],
    /// Tried anchored at its start, on bytes, without Unicode. Bounded
    /// repetitions only: a failed attempt must not read far.
    pub pattern: &'static str,
    /// Where the token is in relation to the word.
    pub place: TokenContext,
    /// What may stand next to the token.
    pub edge: Edge,
    /// Least Shannon entropy in bits a character: `xxxx` is no token.
    pub entropy: f32,
    /// The token must have a digit, not be made of words, and not be a call:
    /// for shapes that identifiers have too.
    pub jumbled: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenContext {
    /// It starts with the word.
    Prefix,
    /// It holds the word, after at most so many bytes of its own.
    Inside(usize),
    /// Its shape alone is too common; it counts in a text that names the
    /// service anywhere. The first group, where the pattern has one, is the
    /// token.
    Anywhere,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Edge {
    /// The prefix is so rare that anything may precede and follow; characters
    /// of the token's alphabet that follow belong to it.
    Any,
    /// No letter or digit on either side, unless it starts a word in a name
    /// (`rotate_AKIA...`, `keyAKIA...`); there it needs a digit.
    Word,
}

const fn rare(kind: &'static str, words: &'static [&'static str], pattern: &'static str) -> Shape {
    Shape { kind, words, pattern, place: TokenContext::Prefix, edge: Edge::Any, entropy: 2.5, jumbled: false }
}

const fn word(kind: &'static str, words: &'static [&'static str], pattern: &'static str) -> Shape {
    Shape { edge: Edge::Word, ..rare(kind, words, pattern) }
}

const fn inside(
    kind: &'static str,
    words: &'static [&'static str],
    pattern: &'static str,
    before: usize,
) -> Shape {
    Shape { place: TokenContext::Inside(before), ..word(kind, words, pattern) }
}

/// A short prefix before what identifiers could be made of, too.
const fn mixed(kind: &'static str, words: &'static [&'static str], pattern: &'static str) -> Shape {
    Shape { jumbled: true, entropy: 3.0, ..word(kind, words, pattern) }
}

const fn named(kind: &'static str, words: &'static [&'static str], pattern: &'static str) -> Shape {
    Shape { place: TokenContext::Anywhere, ..word(kind, words, pattern) }
}

/// The literal start of a shape's pattern; empty where it starts with a choice.
pub(super) fn head(shape: &Shape) -> Vec<u8> {
    let pattern = shape.pattern.as_bytes();
    let mut head = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        let escaped = pattern[at] == b'\\';
        let byte = pattern[at + usize::from(escaped)];
        let is_literal = byte.is_ascii_alphanumeric() && !escaped
            || matches!(byte, b'_' | b'-' | b'/' | b'~')
            || escaped && matches!(byte, b'.' | b'$' | b'{');
        let next = pattern.get(at + usize::from(escaped) + 1);
        if !is_literal || matches!(next, Some(b'?' | b'*' | b'{' | b'|')) {
            break;
        }
        head.push(byte);
        at += usize::from(escaped) + 1;
    }
    head
}

/// Sorted by service within a group; the order carries no meaning.
#[rustfmt::skip]
pub(super) static SHAPES: &[Shape] = &[
    // clouds
    word("ALIBABA_ACCESS_KEY", &["ltai"], "LTAI[0-9A-Za-z]{12,24}"),
    word("AWS_ACCESS_KEY", &["akia", "asia", "abia", "acca"], "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
    rare("AWS_BEDROCK_KEY", &["absk"], "ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
    rare("AWS_BEDROCK_KEY", &["bedrock-api-key-"], "bedrock-api-key-[A-Za-z0-9+/=]{20,400}"),
    rare("AWS_MWS_KEY", &["amzn.mws."], "amzn\\.mws\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    inside("AZURE_CLIENT_SECRET", &["q~"], "[a-zA-Z0-9_~.]{3}[0-9]Q~[a-zA-Z0-9_~.-]{31,34}", 4),
    rare("AZURE_STORAGE_KEY", &["accountkey="], "(?i:accountkey=)[A-Za-z0-9+/]{86}=="),
    rare("AZURE_SHARED_KEY", &["sharedaccesskey="], "(?i:sharedaccesskey=)[A-Za-z0-9+/]{42,86}={1,2}"),
    rare("AZURE_FUNCTION_KEY", &["azurewebsites.net/"], "(?i:azurewebsites\\.net)/[0-9A-Za-z_./-]{1,120}\\?(?:[a-z]{1,20}=[0-9A-Za-z_-]{1,40}&)?code=[0-9A-Za-z_/+=%-]{30,100}"),
    inside("AZURE_DEVOPS_TOKEN", &["azdo"], "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}", 76),
    rare("AZURE_SAS", &["&sig=", "?sig="], "[&?](?i:sig=)[A-Za-z0-9%+/]{40,80}(?:=|%3[dD]){0,2}"),
    rare("CLOUDFLARE_ORIGIN_KEY", &["v1.0-"], "v1\\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    rare("DIGITALOCEAN_TOKEN", &["dop_v1_", "doo_v1_", "dor_v1_"], "do[por]_v1_[a-f0-9]{64}"),
    rare("DOCKER_TOKEN", &["dckr_pat_", "dckr_oat_"], "dckr_[po]at_[A-Za-z0-9_-]{27,32}"),
    word("FLY_TOKEN", &["fm1a_", "fm1r_", "fm2_"], "fm(?:1[ar]|2)_[a-zA-Z0-9+/]{100,600}={0,3}"),
    word("FLY_TOKEN", &["fo1_"], "fo1_[0-9A-Za-z_-]{43}"),
    Shape { entropy: 3.5, ..word("GCP_API_KEY", &["aiza"], "AIza[0-9A-Za-z_-]{35}") },
    rare("GCP_OAUTH_SECRET", &["gocspx-"], "GOCSPX-[0-9A-Za-z_-]{28}"),
    word("GCP_OAUTH_TOKEN", &["ya29."], "ya29\\.[0-9A-Za-z_-]{20,500}"),
    mixed("GCP_OAUTH_TOKEN", &["1//0"], "1//0[0-9A-Za-z_-]{40,140}"),
    mixed("GCP_API_KEY", &["aq.ab8"], "AQ\\.Ab8[0-9A-Za-z_-]{30,80}"),
    inside("FCM_KEY", &[":apa91b"], "AAAA[0-9A-Za-z_-]{7}:APA91b[0-9A-Za-z_-]{100,200}", 11),
    rare("HEROKU_API_KEY", &["hrku-"], "HRKU-[0-9a-zA-Z_-]{36,60}"),
    rare("HEROKU_API_KEY", &["heroku"],
        "(?i:heroku)[A-Za-z0-9_. -]{0,20}[\"']?[ \t]{0,3}[=:>]{1,2}[ \t]{0,3}[\"']?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"),
    word("IBM_CLOUD_KEY", &["apikey-"], "(?i:apikey-)[0-9A-Za-z_-]{44}"),
    word("SCALINGO_TOKEN", &["tk-us-"], "tk-us-[0-9A-Za-z_-]{48}"),
    word("SUPABASE_KEY", &["sbp_"], "sbp_[a-f0-9]{40}"),
    rare("SUPABASE_KEY", &["sb_secret_"], "sb_secret_[0-9A-Za-z_-]{20,60}"),
    word("VERCEL_TOKEN", &["vcp_", "vci_", "vca_", "vcr_", "vck_"], "vc[piark]_[0-9A-Za-z]{24,60}"),
    word("YANDEX_KEY", &["aqvn"], "AQVN[A-Za-z0-9_-]{35,38}"),
    word("YANDEX_KEY", &["t1."], "t1\\.[A-Z0-9a-z_-]{1,200}={0,2}\\.[A-Z0-9a-z_-]{86}={0,2}"),
    word("YANDEX_KEY", &["yc"], "YC[A-Za-z0-9_-]{38}"),
    rare("NETLIFY_TOKEN", &["nfp_"], "nfp_[0-9A-Za-z]{36,40}"),
    word("CLICKHOUSE_KEY", &["4b1d"], "4b1d[A-Za-z0-9]{38}"),
    rare("AKAMAI_TOKEN", &["akab-"], "akab-[0-9a-z]{16}-[0-9a-z]{16}"),
    // code hosts
    rare("ATLASSIAN_TOKEN", &["atatt3", "atctt3", "atbb"], "(?:AT[AC]TT3[A-Za-z0-9_=-]{60,250}|ATBB[A-Za-z0-9_=-]{28,60})"),
    rare("GITHUB_TOKEN", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], "gh[pousr]_[0-9A-Za-z]{36,255}"),
    rare("GITHUB_TOKEN", &["github_pat_"], "github_pat_[0-9A-Za-z_]{50,255}"),
    word("GITHUB_TOKEN", &["v1."], "v1\\.[0-9a-f]{40}"),
    rare("CIRCLECI_TOKEN", &["ccipat_", "cciprj_"], "CCIP(?:AT|RJ)_[0-9A-Za-z]{20,24}_[0-9a-f]{40}"),
    word("BUILDKITE_TOKEN", &["bkua_"], "bkua_[0-9a-f]{40}"),
    rare("GITLAB_TOKEN", &["glpat-", "gldt-", "glft-", "glrt-", "glrtr-", "glsoat-", "glffct-", "glcbt-", "glptt-", "glimt-", "glagent-", "gloas-", "glwt-"],
        "gl(?:pat|dt|ft|rtr?|soat|ffct|cbt|ptt|imt|agent|oas|wt)-[0-9a-zA-Z_.-]{20,300}"),
    rare("GITLAB_TOKEN", &["gr1348941"], "GR1348941[0-9A-Za-z_-]{20,50}"),
    rare("GITLAB_TOKEN", &["glpat-"], "glpat-[0-9A-Za-z_-]{27,300}\\.[0-9a-z]{2}[0-9a-z]{7}"),
    rare("GITLAB_SESSION", &["_gitlab_session="], "_gitlab_session=[0-9a-z]{32}"),
    word("SOURCEGRAPH_TOKEN", &["sgp_"], "sgp_(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}"),
    // packages
    word("CARGO_TOKEN", &["cio"], "cio[0-9A-Za-z]{32}"),
    rare("CLOJARS_TOKEN", &["clojars_"], "(?i:clojars_)[0-9a-zA-Z]{60}"),
    rare("NPM_TOKEN", &["npm_"], "npm_[0-9A-Za-z]{36}"),
    word("NUGET_KEY", &["oy2"], "oy2[a-z0-9]{43}"),
    rare("PYPI_TOKEN", &["pypi-age"], "pypi-AgE[0-9A-Za-z_-]{50,1000}"),
    rare("RUBYGEMS_KEY", &["rubygems_"], "rubygems_[a-f0-9]{48}"),
    word("ARTIFACTORY_KEY", &["akcp", "cmvmd"], "(?:AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59})"),
    // models
    rare("ANTHROPIC_KEY", &["sk-ant-"], "sk-ant-[a-z]{3,10}[0-9]{2}-[0-9A-Za-z_-]{40,120}"),
    Shape { entropy: 3.9, ..word("HUGGINGFACE_TOKEN", &["hf_", "api_org_"], "(?:hf|api_org)_[0-9A-Za-z]{34}") },
    word("OPENAI_KEY", &["sk-"], "sk-[0-9A-Za-z]{48}"),
    word("OPENAI_KEY", &["sess-"], "sess-[0-9A-Za-z]{40}"),
    word("DEEPSEEK_KEY", &["sk-"], "sk-[0-9a-f]{32}"),
    word("LANGFUSE_KEY", &["sk-lf-"], "sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    word("LANGSMITH_KEY", &["lsv2_pt_", "lsv2_sk_"], "lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    word("ELEVENLABS_KEY", &["sk_"], "sk_[0-9a-f]{48}"),
    mixed("CEREBRAS_KEY", &["csk-"], "csk-[0-9A-Za-z]{40,64}"),
    mixed("JINA_KEY", &["jina_"], "jina_[0-9A-Za-z_-]{50,70}"),
    mixed("FIREWORKS_KEY", &["fw_"], "fw_[0-9A-Za-z]{20,40}"),
    mixed("TAVILY_KEY", &["tvly-"], "tvly-(?:dev-|prod-)?[0-9A-Za-z_-]{20,60}"),
    mixed("NVIDIA_KEY", &["nvapi-"], "nvapi-[0-9A-Za-z_-]{60,80}"),
    mixed("PINECONE_KEY", &["pcsk_"], "pcsk_[0-9A-Za-z]{4,8}_[0-9A-Za-z]{50,80}"),
    rare("OPENAI_KEY", &["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-none-"], "sk-(?:proj|svcacct|admin|None|none)-[0-9A-Za-z_-]{40,220}"),
    word("OPENROUTER_KEY", &["sk-or-"], "sk-or-v1-[0-9a-f]{64}"),
    rare("PERPLEXITY_KEY", &["pplx-"], "pplx-[0-9A-Za-z]{48}"),
    word("GROQ_KEY", &["gsk_"], "gsk_[0-9A-Za-z]{52}"),
    word("REPLICATE_TOKEN", &["r8_"], "r8_[0-9A-Za-z]{37}"),
    word("XAI_KEY", &["xai-"], "xai-[0-9A-Za-z]{80}"),
    // messages and mail
    mixed("RESEND_KEY", &["re_"], "re_[0-9A-Za-z]{6,10}_[0-9A-Za-z]{20,30}"),
    named("DISCORD_TOKEN", &["discord"], "[MNO][0-9A-Za-z_-]{23,27}\\.[0-9A-Za-z_-]{6}\\.[0-9A-Za-z_-]{27,38}"),
    rare("DISCORD_WEBHOOK", &["/webhooks/"], "/webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{60,80}"),
    inside("MAILCHIMP_KEY", &["-us"], "[0-9a-f]{32}-us[0-9]{1,2}", 32),
    word("MAILGUN_KEY", &["key-", "pubkey-"], "(?:pub)?key-[0-9a-f]{32}"),
    named("MAILGUN_KEY", &["mailgun"], "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}"),
    rare("SENDGRID_KEY", &["sg."], "SG\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z_-]{43}"),
    rare("SENDINBLUE_KEY", &["xkeysib-", "xsmtpsib-"], "x(?:key|smtp)sib-[a-f0-9]{64}-[0-9A-Za-z]{16}"),
    rare("SLACK_TOKEN", &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxc-", "xoxd-", "xoxe-", "xoxe."], "xox(?:[abcdoprs]-|e[-.])[0-9A-Za-z%./+=-]{10,250}"),
    rare("SLACK_TOKEN", &["xapp-", "xwfp-"], "x(?:app|wfp)-[0-9]-?[0-9A-Za-z-]{20,200}"),
    rare("SLACK_WEBHOOK", &["hooks.slack.com/", "hooks.slack-gov.com/"], "(?i:hooks\\.slack(?:-gov)?\\.com)/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,80}"),
    rare("TEAMS_WEBHOOK", &["webhook.office.com/"], "(?i:webhook\\.office\\.com)/webhookb2/[0-9A-Za-z@-]{60,90}/(?i:IncomingWebhook)/[0-9A-Za-z]{32}/[0-9A-Za-z-]{36}"),
    Shape { edge: Edge::Any, ..inside("TELEGRAM_TOKEN", &[":aa"], "[0-9]{8,10}:AA[0-9A-Za-z_-]{33}", 10) },
    word("TWILIO_KEY", &["sk"], "SK[0-9a-f]{32}"),
    // With the token, where they stand side by side.
    word("TWILIO_ACCOUNT", &["ac"], "AC[0-9a-f]{32}(?:[\"']?[ \t]{0,4}[,:][ \t]{0,4}[\"']?[0-9a-f]{32})?"),
    named("NKEY_SEED", &["nkey", "nats", "seed", "nsc"], "S[UAONCX][A-Z2-7]{56}"),
    // money and shops
    rare("DUFFEL_TOKEN", &["duffel_test_", "duffel_live_"], "(?i:duffel_(?:test|live))_[0-9A-Za-z_=-]{43}"),
    named("MAXMIND_KEY", &["_mmk"], "[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    rare("EASYPOST_KEY", &["ezak", "eztk"], "EZ[AT]K[0-9A-Za-z]{54}"),
    rare("FLUTTERWAVE_KEY", &["flwseck", "flwpubk"], "FLW(?:SEC|PUB)K(?:_TEST)?-[0-9a-zA-Z]{12,40}(?:-X)?"),
    word("PAYPAL_TOKEN", &["access_token$"], "access_token\\$(?:production|sandbox)\\$[0-9a-z]{16}\\$[0-9a-f]{32}"),
    rare("PLAID_TOKEN", &["access-sandbox-", "access-development-", "access-production-"], "access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    rare("SHIPPO_TOKEN", &["shippo_live_", "shippo_test_"], "shippo_(?:live|test)_[a-fA-F0-9]{40}"),
    rare("SHOPIFY_TOKEN", &["shpat_", "shpca_", "shppa_", "shpss_"], "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    rare("SQUARE_TOKEN", &["sq0atp-", "sq0csp-", "sq0idp-"], "sq0(?:atp|csp|idp)-[0-9A-Za-z_-]{22,60}"),
    word("WOOCOMMERCE_KEY", &["ck_", "cs_"], "c[ks]_[0-9a-f]{40}"),
    word("SQUARE_TOKEN", &["eaaa"], "EAAA[0-9A-Za-z_-]{60}"),
    rare("STRIPE_KEY", &["sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_"], "[sr]k_(?:live|test|prod)_[0-9a-zA-Z]{10,250}"),
    rare("STRIPE_WEBHOOK_SECRET", &["whsec_"], "whsec_[0-9A-Za-z+/=]{24,80}"),
    // running things
    rare("DEFINED_TOKEN", &["dnkey-"], "(?i:dnkey)-[0-9A-Za-z=_-]{26}-[0-9A-Za-z=_-]{52}"),
    rare("SETTLEMINT_TOKEN", &["sm_aat_", "sm_pat_", "sm_sat_"], "sm_(?:aat|pat|sat)_[0-9A-Za-z]{16}"),
    rare("SIDEKIQ_SECRET", &["contribsys__com"], "(?i:CONTRIBSYS__COM)[ \t\"']{0,3}[=:][ \t\"']{0,3}[a-f0-9]{8}:[a-f0-9]{8}"),
    rare("DATABRICKS_TOKEN", &["dapi", "dose", "dkea"], "(?:dapi|dose|dkea)[a-f0-9]{32}(?:-[0-9])?"),
    rare("DOPPLER_TOKEN", &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], "dp\\.(?:pt|st|ct|sa|scim|audit)\\.[0-9A-Za-z_.-]{40,80}"),
    rare("DYNATRACE_TOKEN", &["dt0c01.", "dt0s01.", "dt0s16."], "dt0(?:c01|s01|s16)\\.[0-9A-Za-z]{24}\\.[0-9A-Za-z]{64}"),
    rare("GRAFANA_TOKEN", &["glc_"], "glc_[A-Za-z0-9+/]{32,400}={0,3}"),
    rare("GRAFANA_TOKEN", &["glsa_"], "glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    word("GRAFANA_TOKEN", &["eyjrijoi"], "eyJrIjoi[A-Za-z0-9]{60,400}={0,3}"),
    word("HARNESS_TOKEN", &["pat.", "sat."], "[ps]at\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z]{24}\\.[0-9A-Za-z]{20}"),
    rare("INFRACOST_KEY", &["ico-"], "ico-[0-9A-Za-z]{32}"),
    rare("LAUNCHDARKLY_KEY", &["sdk-", "mob-", "api-"], "(?:sdk|mob|api)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    rare("NEWRELIC_KEY", &["nrak-", "nrii-", "nrjs-", "nrra-", "nriq-", "nrsp-"], "NR(?:AK|II|JS|RA|IQ|SP)-[0-9A-Za-z_-]{19,40}"),
    inside("NEWRELIC_KEY", &["ffffnral"], "[0-9a-f]{32}FFFFNRAL", 32),
    inside("NEWRELIC_KEY", &["nral"], "[0-9a-f]{36}NRAL", 36),
    word("TAILSCALE_KEY", &["tskey-"], "tskey-[a-z]{3,12}-[0-9A-Za-z]{8,24}(?:CNTRL)?-[0-9A-Za-z]{20,60}"),
    mixed("RENDER_KEY", &["rnd_"], "rnd_[0-9A-Za-z]{28,40}"),
    rare("OKTA_TOKEN", &["authorization: ssws ", "\"ssws "], "(?i:authorization: |\")SSWS [0-9A-Za-z_-]{30,60}"),
    rare("OPSGENIE_KEY", &["geniekey "], "(?i:geniekey) [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    rare("SPLUNK_TOKEN", &["splunk "], "(?i:splunk) [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    word("OCTOPUS_KEY", &["api-"], "API-[A-Z0-9]{26}"),
    rare("OPENSHIFT_TOKEN", &["sha256~"], "sha256~[0-9A-Za-z_-]{43}"),
    rare("PLANETSCALE_TOKEN", &["pscale_tkn_", "pscale_oauth_", "pscale_pw_"], "pscale_(?:tkn|oauth|pw)_[0-9A-Za-z_=.-]{32,64}"),
    rare("POSTMAN_KEY", &["pmak-"], "PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    rare("PREFECT_KEY", &["pnu_"], "pnu_[0-9A-Za-z]{36}"),
    word("PULUMI_TOKEN", &["pul-"], "pul-[a-f0-9]{40}"),
    rare("SENTRY_TOKEN", &["sntrys_", "sntryu_"], "sntry[su]_[0-9A-Za-z+/=_]{60,400}"),
    word("SONAR_TOKEN", &["squ_", "sqp_", "sqa_"], "sq[upa]_[0-9a-f]{40}"),
    inside("TERRAFORM_TOKEN", &[".atlasv1."], "[0-9A-Za-z]{14}\\.atlasv1\\.[0-9A-Za-z_=-]{60,70}", 14),
    rare("VAULT_TOKEN", &["hvs.", "hvb.", "hvr."], "hv[sbr]\\.[0-9A-Za-z_-]{24,300}"),
    Shape { jumbled: true, ..named("VAULT_TOKEN", &["vault"], "s\\.[0-9A-Za-z]{24}") },
    rare("DATADOG_KEY", &["dd_api_key=", "dd_app_key="], "(?i:dd_ap[ip]_key)=[0-9a-f]{32,40}"),
    // work
    word("ADOBE_SECRET", &["p8e-"], "p8e-[0-9A-Za-z]{32}"),
    named("AIRTABLE_TOKEN", &["airtable"], "pat[0-9A-Za-z]{14}\\.[0-9a-f]{64}"),
    named("ASANA_TOKEN", &["asana"], "[0-9]/[0-9]{16}(?:/[0-9]{16})?:[0-9a-f]{32}"),
    rare("DROPBOX_TOKEN", &["sl."], "sl\\.(?:u\\.)?[0-9A-Za-z_=-]{120,1500}"),
    word("FACEBOOK_TOKEN", &["eaac", "eaam", "eaab", "eaag"], "EAA[BCGM][0-9A-Za-z]{80,400}"),
    word("FIGMA_TOKEN", &["figd_"], "figd_[0-9A-Za-z_-]{40,60}"),
    rare("FRAMEIO_TOKEN", &["fio-u-"], "fio-u-[0-9A-Za-z_=-]{64}"),
    rare("LINEAR_KEY", &["lin_api_", "lin_oauth_"], "lin_(?:api|oauth)_[0-9A-Za-z]{40,64}"),
    rare("MAPBOX_TOKEN", &["sk.eyj"], "sk\\.eyJ[0-9A-Za-z_-]{40,200}\\.[0-9A-Za-z_-]{20,40}"),
    rare("NOTION_TOKEN", &["ntn_"], "ntn_[0-9]{11}[0-9A-Za-z]{35}"),
    rare("NOTION_TOKEN", &["secret_"], "secret_[0-9A-Za-z]{43}"),
    rare("ONEPASSWORD_TOKEN", &["ops_eyj"], "ops_eyJ[0-9A-Za-z+/_-]{100,1500}={0,3}"),
    word("ONEPASSWORD_KEY", &["a3-"], "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    rare("README_KEY", &["rdme_"], "rdme_[0-9a-z]{70}"),
    word("TYPEFORM_TOKEN", &["tfp_"], "tfp_[0-9A-Za-z_.=-]{40,60}"),
    word("WANDB_KEY", &["wandb_v1_"], "wandb_v1_[0-9A-Za-z_]{60,100}"),
    rare("INTRA42_SECRET", &["s-s4t2"], "s-s4t2(?:ud|af)-[0-9a-f]{64}"),
    named("FACEBOOK_TOKEN", &["facebook", "graph.fb", "fbapp"], "[0-9]{15,16}(?:\\||%7[cC])[0-9A-Za-z_-]{27,40}"),
    // keys and hashes
    named("PRIVATE_KEY", &["\"kty\"", "'kty'", "kty:"], "[^0-9A-Za-z_](?:d|p|q|dp|dq|qi|k)\\\\?[\"']?[ \t]{0,4}:[ \t\\n]{0,20}\\\\?[\"']([0-9A-Za-z_-]{20,1400})={0,2}\\\\?[\"']"),
    Shape { entropy: 0.0, ..rare("AGE_KEY", &["age-secret-key-1"], "(?i:AGE-SECRET-KEY-1)[02-9AC-HJ-NP-Zac-hj-np-z]{58}") },
    word("PASSWORD_HASH", &["$2a$", "$2b$", "$2y$"], "\\$2[aby]\\$[0-9][0-9]\\$[./0-9A-Za-z]{53}"),
    word("PASSWORD_HASH", &["$apr1$", "$1$", "$5$", "$6$", "$y$", "$7$"], "\\$(?:apr1|[1567]|y)\\$(?:rounds=[0-9]{1,9}\\$)?[./0-9A-Za-z$]{1,40}\\$[./0-9A-Za-z]{22,86}"),
    word("PASSWORD_HASH", &["$argon2"], "\\$argon2(?:id|i|d)\\$v=[0-9]+\\$m=[0-9]+,t=[0-9]+,p=[0-9]+\\$[+/0-9A-Za-z]{8,88}\\$[+/0-9A-Za-z]{20,128}"),
    word("PASSWORD_HASH", &["pbkdf2_sha"], "pbkdf2_sha(?:1|256|512)\\$[0-9]{1,8}\\$[0-9A-Za-z./+=_-]{1,64}\\$[0-9A-Za-z+/=]{24,90}"),
    rare("PASSWORD_HASH", &["{sha}", "{ssha}", "{ssha256}", "{ssha512}", "{smd5}"], "\\{(?i:SSHA(?:256|512)?|SHA|SMD5)\\}[0-9A-Za-z+/]{22,120}={0,2}"),
    word("PASSWORD_HASH", &["$scrypt$"], "\\$scrypt\\$[0-9a-z=,]{1,40}\\$[0-9A-Za-z./+=]{1,90}\\$[0-9A-Za-z./+=]{20,128}"),
    rare("PASSWORD_HASH", &["scram-sha-"], "SCRAM-SHA-(?:1|256|512)\\$[0-9]{1,8}:[0-9A-Za-z+/=]{8,64}\\$[0-9A-Za-z+/=]{20,90}(?::[0-9A-Za-z+/=]{20,90})?"),
    Shape { entropy: 3.0, ..word("JWT", &["eyj"],
        "eyJ[0-9A-Za-z_-]{6,1500}\\.eyJ[0-9A-Za-z_-]{10,6000}(?:\\.[0-9A-Za-z_-]{0,1000})?") },
];
