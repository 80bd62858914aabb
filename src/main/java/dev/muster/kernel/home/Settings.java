package dev.muster.kernel.home;

import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What belongs to the machine. A key is looked for on the command line, then among the {@code
 * MUSTER_*} variables, then in {@code muster.properties}.
 *
 * @param configUrl the config's repository; empty for the embedded one
 * @param configApp the id of the GitHub App that pulls it; empty for the one that the config names
 * @param publicUrl how the world reaches the public listener; empty when nobody said
 * @param agentUrl how runner agents do; empty when nobody said
 * @param proxies addresses of proxies in front that end TLS
 * @param insecureHttp whether plain HTTP may leave this machine
 * @param region the name of this appliance's region
 * @param interruptionQueues by region: SQS queues with EventBridge's messages about spot machines
 * @param deliveryQueues by region: SQS queues with GitHub's deliveries
 * @param requireIdentity whether machines of EC2 enrol only with a signed identity document
 * @param identityCertificates further certificates of AWS for those documents, PEM
 * @param runner the GitHub runner that machines should have; empty for the one in their image
 * @param aws whether secrets are looked for in AWS's stores too
 * @param secretsPrefix what their names begin with there
 * @param otlpEndpoint where traces are sent, unless a standard variable names another place
 * @param traceUrl where a trace is looked at, with {@code {trace_id}} in it
 * @param jsonLog whether each line of the log is JSON
 */
public record Settings(
    Listen listen,
    Listen admin,
    Optional<String> configUrl,
    String configBranch,
    OptionalLong configApp,
    Optional<URI> publicUrl,
    Optional<URI> agentUrl,
    Optional<Tls> tls,
    Set<InetAddress> proxies,
    boolean insecureHttp,
    String region,
    Map<String, URI> interruptionQueues,
    Map<String, URI> deliveryQueues,
    boolean requireIdentity,
    Optional<Path> identityCertificates,
    Optional<WantedRunner> runner,
    boolean aws,
    String secretsPrefix,
    Optional<URI> otlpEndpoint,
    Optional<String> traceUrl,
    boolean jsonLog) {
  public static final Listen STANDARD_LISTEN = new Listen("0.0.0.0", 8080);
  public static final Listen STANDARD_ADMIN = new Listen("127.0.0.1", 8081);

  /** What AWS's names of regions look like: {@code eu-west-1}, {@code us-gov-east-1}. */
  private static final String AWS_REGION = "[a-z]{2,}(?:-[a-z]+)+-[0-9]+";

  /** As in {@code https://sqs.eu-west-1.amazonaws.com/111122223333/muster}. */
  private static final Pattern QUEUE =
      Pattern.compile(
          "(?:(?<named>[a-z0-9-]+)=)?"
              + "(?<url>https?://(?:sqs[.](?<host>"
              + AWS_REGION
              + ")[.])?[A-Za-z0-9.:-]+/[A-Za-z0-9/_.-]+)");

  private static final Set<String> KEYS =
      Set.of(
          "listen",
          "admin",
          "config_url",
          "config_branch",
          "config_app",
          "public_url",
          "agent_url",
          "tls_certificate",
          "tls_key",
          "trusted_proxies",
          "insecure_http",
          "region",
          "interruption_queue",
          "delivery_queue",
          "require_identity",
          "identity_certificates",
          "aws",
          "secrets_prefix",
          "otlp_endpoint",
          "trace_url",
          "log_format",
          "runner_version",
          "runner_source",
          "runner_sha256.linux-x64",
          "runner_sha256.linux-arm64",
          "runner_sha256.win-x64");

  private static final String RUNNER_SHA256 = "runner_sha256.";
  private static final String RUNNER_SOURCE = "https://github.com/actions/runner/releases/download";

  public Settings {
    proxies = Set.copyOf(proxies);
    interruptionQueues = Map.copyOf(interruptionQueues);
    deliveryQueues = Map.copyOf(deliveryQueues);
  }

  /** The region of AWS that {@code region} names; empty where it is a name of another kind. */
  public Optional<String> awsRegion() {
    return Optional.of(region).filter(name -> name.matches(AWS_REGION));
  }

  /** Files with a certificate chain and its key, PEM. */
  public record Tls(Path certificate, Path key) {}

  /**
   * A release of GitHub's runner.
   *
   * @param source where releases lie, as GitHub's own have it
   * @param sha256 of its archives, by platform such as {@code linux-x64}; at least one
   */
  public record WantedRunner(String version, URI source, Map<String, String> sha256) {
    public WantedRunner {
      sha256 = Map.copyOf(sha256);
    }
  }

  /** A setting that cannot be used. */
  public static final class BadSettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadSettingException(String message) {
      super(message);
    }
  }

  /**
   * Reads the settings of a home.
   *
   * @param commandLine by the keys of the file, only those that were given
   * @param environment all variables of the process
   * @throws BadSettingException when a value cannot be used
   */
  public static Settings read(
      Home home, Map<String, String> commandLine, Map<String, String> environment)
      throws IOException {
    Map<String, String> values = new HashMap<>(fromFile(home.properties()));
    for (String key : KEYS) {
      Optional.ofNullable(environment.get(variable(key)))
          .ifPresent(value -> values.put(key, value));
    }
    values.putAll(commandLine);
    return new Reading(values).settings();
  }

  /** Variables have neither dots nor dashes. */
  private static String variable(String key) {
    return "MUSTER_" + key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  private static Map<String, String> fromFile(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Map.of();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    Map<String, String> values = new HashMap<>();
    for (String key : properties.stringPropertyNames()) {
      if (!KEYS.contains(key)) {
        List<String> known = new ArrayList<>(KEYS);
        known.sort(String::compareTo);
        throw new BadSettingException(
            "%s: the key '%s' is not known; known are %s"
                .formatted(file, key, String.join(", ", known)));
      }
      values.put(key, properties.getProperty(key).strip());
    }
    return values;
  }

  private record Reading(Map<String, String> values) {
    Settings settings() {
      boolean insecure = flag("insecure_http");
      Optional<Tls> tls = tls();
      Set<InetAddress> proxies = proxies();
      return new Settings(
          publicListen(tls.isPresent() || !proxies.isEmpty() || insecure),
          text("admin").map(this::listen).orElse(STANDARD_ADMIN),
          text("config_url"),
          text("config_branch").orElse("main"),
          number("config_app"),
          url("public_url"),
          url("agent_url"),
          tls,
          proxies,
          insecure,
          text("region").orElse("local"),
          queues("interruption_queue"),
          queues("delivery_queue"),
          flag("require_identity"),
          text("identity_certificates").map(file -> readable(file, "certificates of AWS")),
          runner(),
          flag("aws"),
          secretsPrefix(),
          url("otlp_endpoint"),
          traceUrl(),
          jsonLog());
    }

    /** Without TLS nothing leaves this machine unless somebody said that it may. */
    private Listen publicListen(boolean mayLeave) {
      Optional<Listen> named = text("listen").map(this::listen);
      if (named.isPresent() && !named.get().loopback() && !mayLeave) {
        throw new BadSettingException(
            ("Listening at %s without TLS would send tokens and secrets in clear; set"
                    + " tls_certificate and tls_key, or trusted_proxies, or give --insecure-http")
                .formatted(named.get()));
      }
      return named.orElse(
          mayLeave ? STANDARD_LISTEN : new Listen("127.0.0.1", STANDARD_LISTEN.port()));
    }

    private Listen listen(String text) {
      try {
        Listen listen = Listen.parse(text);
        listen.loopback(); // so that a host that is not known is said here, by its setting
        return listen;
      } catch (IllegalArgumentException e) {
        throw new BadSettingException(String.valueOf(e.getMessage()));
      }
    }

    private Optional<String> text(String key) {
      return Optional.ofNullable(values.get(key)).filter(v -> !v.isBlank());
    }

    private OptionalLong number(String key) {
      Optional<String> text = text(key);
      if (text.filter(value -> !value.matches("[1-9][0-9]{0,17}")).isPresent()) {
        throw new BadSettingException(key + " is a positive number, not " + text.get());
      }
      return text.map(value -> OptionalLong.of(Long.parseLong(value)))
          .orElseGet(OptionalLong::empty);
    }

    private boolean flag(String key) {
      return text(key)
          .map(value ->
              switch (value.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new BadSettingException(key + " is true or false, not " + value);
              })
          .orElse(false);
    }

    private Optional<URI> url(String key) {
      return text(key)
          .map(value -> {
            try {
              URI url = URI.create(value.replaceAll("/+$", ""));
              if (url.getHost() != null
                  && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
                return url;
              }
            } catch (IllegalArgumentException e) {
              // said below
            }
            throw new BadSettingException(key + " is an http or https URL, not " + value);
          });
    }

    private Map<String, URI> queues(String key) {
      Map<String, URI> queues = new HashMap<>();
      for (String entry : text(key).map(t -> t.split("[,\\s]+")).orElse(new String[0])) {
        Matcher form = QUEUE.matcher(entry);
        if (!form.matches() || (form.group("named") == null && form.group("host") == null)) {
          throw new BadSettingException(
              ("%s is the URL of an SQS queue, or REGION=URL where the URL does not"
                      + " name its region; not %s")
                  .formatted(key, entry));
        }
        String region = form.group("named") == null ? form.group("host") : form.group("named");
        if (queues.put(region, URI.create(form.group("url"))) != null) {
          throw new BadSettingException(key + " names two queues of " + region + ": one is enough");
        }
      }
      return queues;
    }

    private Optional<WantedRunner> runner() {
      Map<String, String> sums = new HashMap<>();
      for (String key : KEYS) {
        if (key.startsWith(RUNNER_SHA256)) {
          text(key)
              .ifPresent(sum -> sums.put(key.substring(RUNNER_SHA256.length()), sha256(key, sum)));
        }
      }
      Optional<String> version = text("runner_version");
      if (version.isPresent() == sums.isEmpty()) {
        throw new BadSettingException(
            "runner_version and runner_sha256.PLATFORM belong together: one is missing");
      }
      if (version.filter(v -> !v.matches("[0-9]+\\.[0-9]+\\.[0-9]+")).isPresent()) {
        throw new BadSettingException("runner_version is like 2.330.0, not " + version.get());
      }
      URI source = url("runner_source").orElse(URI.create(RUNNER_SOURCE));
      return version.map(v -> new WantedRunner(v, source, sums));
    }

    private static String sha256(String key, String sum) {
      if (!sum.matches("[0-9a-f]{64}")) {
        throw new BadSettingException(
            key + " is 64 hexadecimal digits in lower case, as the release's notes have it");
      }
      return sum;
    }

    private String secretsPrefix() {
      String prefix = text("secrets_prefix").orElse("muster");
      if (!prefix.matches("[A-Za-z0-9_-]+")) {
        throw new BadSettingException(
            "secrets_prefix has letters, digits, '-' and '_', and no slashes; not " + prefix);
      }
      return prefix;
    }

    private Optional<String> traceUrl() {
      Optional<String> template = text("trace_url");
      if (template
          .filter(url -> !url.matches("https?://[^\\s{}]+\\{trace_id}[^\\s{}]*"))
          .isPresent()) {
        throw new BadSettingException(
            "trace_url is an http or https URL with {trace_id} in it, not " + template.get());
      }
      return template;
    }

    private boolean jsonLog() {
      String form = text("log_format").orElse("text");
      return switch (form) {
        case "text" -> false;
        case "json" -> true;
        default -> throw new BadSettingException("log_format is text or json, not " + form);
      };
    }

    private Optional<Tls> tls() {
      Optional<String> certificate = text("tls_certificate");
      Optional<String> key = text("tls_key");
      if (certificate.isPresent() != key.isPresent()) {
        throw new BadSettingException(
            "tls_certificate and tls_key belong together: one is missing");
      }
      String named = "TLS certificate or key";
      return certificate.map(c -> new Tls(readable(c, named), readable(key.orElseThrow(), named)));
    }

    private static Path readable(String name, String what) {
      Path file = Path.of(name);
      if (!Files.isReadable(file)) {
        throw new BadSettingException(file + " cannot be read; it is named as " + what);
      }
      return file;
    }

    private Set<InetAddress> proxies() {
      Set<InetAddress> proxies = new HashSet<>();
      for (String name :
          text("trusted_proxies").map(t -> t.split("[,\\s]+")).orElse(new String[0])) {
        try {
          proxies.add(InetAddress.getByName(name));
        } catch (UnknownHostException e) {
          throw new BadSettingException("trusted_proxies names " + name + ", which is not known");
        }
      }
      return proxies;
    }
  }
}
