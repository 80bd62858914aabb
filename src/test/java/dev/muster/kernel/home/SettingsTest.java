package dev.muster.kernel.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @TempDir private Path folder;
  private Home home;

  @BeforeEach
  void home() {
    home = new Home(folder);
  }

  @Test
  void withoutTlsItStaysOnThisMachine() throws IOException {
    Settings settings = read("", Map.of(), Map.of());
    assertThat(settings.listen()).isEqualTo(new Listen("127.0.0.1", 8080));
    assertThat(settings.admin()).isEqualTo(Settings.STANDARD_ADMIN);
    assertThat(settings.configBranch()).isEqualTo("main");
    assertThat(settings.region()).isEqualTo("local");
  }

  @Test
  void commandLineGoesBeforeVariablesAndThoseBeforeTheFile() throws IOException {
    String file = "region = from-file\nconfig_branch = from-file\nconfig_url = from-file\n";
    Settings settings =
        read(
            file,
            Map.of("config_url", "from-line"),
            Map.of("MUSTER_CONFIG_URL", "from-variable", "MUSTER_CONFIG_BRANCH", "from-variable"));
    assertThat(settings.configUrl()).contains("from-line");
    assertThat(settings.configBranch()).isEqualTo("from-variable");
    assertThat(settings.region()).isEqualTo("from-file");
  }

  @Test
  void wantedRunnerIsItsVersionWithChecksums() throws IOException {
    assertThat(read("", Map.of(), Map.of()).runner()).isEmpty();
    String arm = "a".repeat(64);
    String windows = "b".repeat(64);
    Settings settings =
        read(
            "runner_version = 2.400.0\nrunner_sha256.linux-arm64 = " + arm + "\n",
            Map.of(),
            Map.of("MUSTER_RUNNER_SHA256_WIN_X64", windows));
    assertThat(settings.runner())
        .contains(
            new Settings.WantedRunner(
                "2.400.0",
                URI.create("https://github.com/actions/runner/releases/download"),
                Map.of("linux-arm64", arm, "win-x64", windows)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "runner_version = 2.400.0 | belong together",
        "runner_sha256.linux-x64 = 00 | 64 hexadecimal digits",
        "runner_version = latest | belong together"
      })
  void wantedRunnerThatCannotBeCheckedIsRefused(String file, String said) {
    assertThatExceptionOfType(Settings.BadSettingException.class)
        .isThrownBy(() -> read(file, Map.of(), Map.of()))
        .withMessageContaining(said);
  }

  @Test
  void tracesGoWhereItSays() throws IOException {
    Settings none = read("", Map.of(), Map.of());
    assertThat(none.otlpEndpoint()).isEmpty();
    assertThat(none.traceUrl()).isEmpty();
    assertThat(none.jsonLog()).isFalse();
    Settings some =
        read(
            "trace_url = https://tempo.example.com/trace/{trace_id}?org=1\nlog_format = json\n",
            Map.of(),
            Map.of("MUSTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"));
    assertThat(some.otlpEndpoint()).contains(URI.create("http://127.0.0.1:4318"));
    assertThat(some.traceUrl()).contains("https://tempo.example.com/trace/{trace_id}?org=1");
    assertThat(some.jsonLog()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trace_url = https://tempo.example.com/trace | {trace_id}",
        "trace_url = javascript:alert({trace_id}) | http or https",
        "trace_url = https://tempo.example.com/{trace_id}/{span} | {trace_id}",
        "log_format = xml | text or json",
        "otlp_endpoint = collector:4318 | otlp_endpoint"
      })
  void tracesThatCannotGoThereAreRefused(String file, String said) {
    assertThatExceptionOfType(Settings.BadSettingException.class)
        .isThrownBy(() -> read(file, Map.of(), Map.of()))
        .withMessageContaining(said);
  }

  @Test
  void plainHttpLeavesTheMachineOnlyWhenSomebodySaidSo() throws IOException {
    assertThatExceptionOfType(Settings.BadSettingException.class)
        .isThrownBy(() -> read("", Map.of("listen", "0.0.0.0:80"), Map.of()))
        .withMessageContaining("--insecure-http");
    Map<String, String> insecure = Map.of("listen", "0.0.0.0:80", "insecure_http", "true");
    assertThat(read("", insecure, Map.of()).listen().loopback()).isFalse();
    assertThat(read("", Map.of("insecure_http", "true"), Map.of()).listen())
        .isEqualTo(Settings.STANDARD_LISTEN);
    assertThat(read("trusted_proxies = 10.0.0.1\n", Map.of(), Map.of()).listen())
        .isEqualTo(Settings.STANDARD_LISTEN);
  }

  @Test
  void readsProxiesAndUrls() throws IOException {
    Settings settings =
        read(
            "trusted_proxies = 10.0.0.1, 10.0.0.2\npublic_url = https://ci.example.com/\n",
            Map.of(),
            Map.of());
    assertThat(settings.proxies())
        .containsExactlyInAnyOrder(
            InetAddress.getByName("10.0.0.1"), InetAddress.getByName("10.0.0.2"));
    assertThat(settings.publicUrl()).contains(URI.create("https://ci.example.com"));
  }

  @Test
  void readsInterruptionQueuesByRegion() throws IOException {
    assertThat(read("", Map.of(), Map.of()).interruptionQueues()).isEmpty();
    String own = "https://sqs.eu-west-1.amazonaws.com/111122223333/muster";
    String china = "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/muster";
    String local = "http://127.0.0.1:9324/000000000000/muster";
    Settings settings =
        read(
            "interruption_queue = %s, %s, us-east-2=%s\n".formatted(own, china, local),
            Map.of(),
            Map.of());
    assertThat(settings.interruptionQueues())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "eu-west-1",
                URI.create(own),
                "cn-north-1",
                URI.create(china),
                "us-east-2",
                URI.create(local)));
  }

  @Test
  void awsIsOffUntilSwitchedOn() throws IOException {
    Settings plain = read("", Map.of(), Map.of());
    assertThat(plain.aws()).isFalse();
    assertThat(plain.secretsPrefix()).isEqualTo("muster");
    assertThat(plain.awsRegion()).isEmpty();
    Settings on =
        read(
            "region = us-gov-east-1\n",
            Map.of(),
            Map.of("MUSTER_AWS", "true", "MUSTER_SECRETS_PREFIX", "muster-dev"));
    assertThat(on.aws()).isTrue();
    assertThat(on.secretsPrefix()).isEqualTo("muster-dev");
    assertThat(on.awsRegion()).contains("us-gov-east-1");
  }

  @Test
  void stackSetsWhatThereIs() throws IOException {
    String stack = Files.readString(Path.of("../ami/cloudformation/appliance.yaml"));
    List<String> keys =
        Pattern.compile("MUSTER_([A-Z_]+)=")
            .matcher(stack)
            .results()
            .map(match -> match.group(1).toLowerCase(Locale.ROOT))
            .toList();
    assertThat(keys).contains("aws", "secrets_prefix", "interruption_queue");
    for (String key : keys) {
      read(key + " =\n", Map.of(), Map.of());
    }
  }

  @Test
  void unknownKeyOfTheFileIsRefusedWithTheKnownOnes() {
    assertThatExceptionOfType(Settings.BadSettingException.class)
        .isThrownBy(() -> read("pubic_url = https://x\n", Map.of(), Map.of()))
        .withMessageContaining("pubic_url")
        .withMessageContaining("public_url");
  }

  @ParameterizedTest
  @CsvSource({
    "listen, nowhere",
    "listen, 127.0.0.1:99999",
    "listen, :8080",
    "listen, no-such-host.invalid:1",
    "insecure_http, perhaps",
    "config_app, muster",
    "config_app, 0",
    "public_url, ftp://example.com",
    "public_url, not a url",
    "interruption_queue, muster",
    "interruption_queue, http://localhost:4566/1/muster",
    "interruption_queue, 'eu-west-1=https://a.example/1/a,eu-west-1=https://b.example/1/b'",
    "require_identity, perhaps",
    "aws, perhaps",
    "secrets_prefix, /muster",
    "secrets_prefix, a/b",
    "identity_certificates, /nonexistent",
    "tls_key, /nonexistent",
    "trusted_proxies, no-such-host.invalid"
  })
  void valueThatCannotBeUsedIsRefusedByName(String key, String value) {
    assertThatExceptionOfType(Settings.BadSettingException.class)
        .isThrownBy(() -> read("", Map.of(key, value), Map.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "8080, 127.0.0.1, 8080, true",
    "localhost:0, localhost, 0, true",
    "[::1]:8443, ::1, 8443, true",
    "0.0.0.0:80, 0.0.0.0, 80, false"
  })
  void readsWhereToListen(String text, String host, int port, boolean loopback) {
    Listen listen = Listen.parse(text);
    assertThat(listen).isEqualTo(new Listen(host, port));
    assertThat(listen.loopback()).isEqualTo(loopback);
  }

  @Test
  void saysHowThisMachineReachesAListener() {
    assertThat(new Listen("0.0.0.0", 0).url(false, 81))
        .isEqualTo(URI.create("http://127.0.0.1:81"));
    assertThat(new Listen("::1", 0).url(true, 82)).isEqualTo(URI.create("https://[::1]:82"));
  }

  private Settings read(String file, Map<String, String> line, Map<String, String> environment)
      throws IOException {
    if (!file.isEmpty()) {
      Files.writeString(home.properties(), file);
    }
    return Settings.read(home, line, environment);
  }
}
