package dev.muster.config.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.fleet.compute.ec2.MotoServer;
import dev.muster.fleet.compute.ec2.SdkSettings;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.reconcile.StalledException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.ParameterType;

/** Both stores against an emulator that we did not write. */
class AwsSecretsMotoIT {
  private static final StaticCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));

  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private SsmClient ssm;
  private SecretsManagerClient manager;
  private AwsSecrets secrets;
  private URI url;

  @BeforeEach
  void start() throws Exception {
    MotoServer moto = open(MotoServer.start());
    url = moto.url();
    ssm =
        open(
            SsmClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(moto.url())
                .region(Region.EU_WEST_1)
                .credentialsProvider(CREDENTIALS)
                .build());
    manager =
        open(
            SecretsManagerClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(moto.url())
                .region(Region.EU_WEST_1)
                .credentialsProvider(CREDENTIALS)
                .build());
    secrets =
        new AwsSecrets(
            ref -> Optional.empty(),
            () ->
                new AwsSecrets.Stores(
                    List.of(
                        new ParameterStore("muster", () -> ssm),
                        new SecretsManagerStore("muster", () -> manager)),
                    () -> {}),
            time);
  }

  @Test
  void clientsAreMadeAsAnApplianceMakesThem() throws Exception {
    ssm.putParameter(request ->
        request.name("/muster-2/hook").value("of ssm").type(ParameterType.SECURE_STRING));
    manager.createSecret(request -> request.name("muster-2/key").secretString("of manager"));
    try (SdkSettings _ = SdkSettings.towards(url);
        AwsAccess access = new AwsAccess();
        AwsSecrets made =
            AwsSecrets.after(
                access, ref -> Optional.empty(), "muster-2", Optional.of("eu-west-1"), time)) {
      assertThat(made.value(new SecretRef("hook"))).contains("of ssm");
      assertThat(made.value(new SecretRef("key"))).contains("of manager");
      assertThat(made.value(new SecretRef("none"))).isEmpty();
    }
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : opened) {
      part.close();
    }
  }

  @Test
  void parametersAreDecryptedAndComeBeforeSecretsManager() {
    ssm.putParameter(request ->
        request.name("/muster/both").value("of ssm\n").type(ParameterType.SECURE_STRING));
    ssm.putParameter(
        request -> request.name("/muster-dev/other").value("elsewhere").type(ParameterType.STRING));
    manager.createSecret(request -> request.name("muster/both").secretString("of manager"));
    manager.createSecret(request -> request.name("muster/second").secretString("of manager"));

    assertThat(secrets.find(new SecretRef("both")))
        .contains(new Secrets.Found("of ssm", "SSM parameter /muster/both"));
    assertThat(secrets.find(new SecretRef("second")))
        .contains(new Secrets.Found("of manager", "secret muster/second of Secrets Manager"));
    assertThat(secrets.find(new SecretRef("other"))).as("of another prefix").isEmpty();
  }

  @Test
  void newValueIsSeenAfterFiveMinutes() {
    SecretRef ref = new SecretRef("turning");
    manager.createSecret(request -> request.name("muster/turning").secretString("one"));
    assertThat(secrets.value(ref)).contains("one");
    manager.putSecretValue(request -> request.secretId("muster/turning").secretString("two"));
    assertThat(secrets.value(ref)).contains("one");
    time.pass(CachedSecret.FRESH);
    assertThat(secrets.value(ref)).contains("two");
  }

  @Test
  void whatIsNoTextOrMarkedForDeletionIsRefusedByName() {
    manager.createSecret(request ->
        request.name("muster/binary").secretBinary(SdkBytes.fromByteArray(new byte[] {1, 2})));
    assertThatThrownBy(() -> secrets.value(new SecretRef("binary")))
        .isInstanceOf(StalledException.class)
        .hasMessage("The secret muster/binary of Secrets Manager is binary: store it as text");
    manager.createSecret(request -> request.name("muster/gone").secretString("x"));
    manager.deleteSecret(request -> request.secretId("muster/gone").recoveryWindowInDays(7L));
    assertThatThrownBy(() -> secrets.value(new SecretRef("gone")))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("Cannot read the secret muster/gone of Secrets Manager");
  }
}
