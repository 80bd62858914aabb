package dev.muster.config.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.SecretRef;
import dev.muster.fleet.compute.ec2.SdkSettings;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.reconcile.TransientException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The connections are those of all clients, which would wait 15 s for an answer; a webhook whose
 * sender waits 10 s does not wait so long for its secret.
 */
@Timeout(60)
class SilentStoreIT {
  @Test
  void secretIsGivenUpBeforeTheWebhooksSenderGivesUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        SdkSettings _ =
            SdkSettings.towards(URI.create("http://127.0.0.1:" + silent.getLocalPort()));
        AwsAccess access = new AwsAccess();
        AwsSecrets secrets =
            AwsSecrets.after(
                access,
                ref -> Optional.empty(),
                "muster",
                Optional.of("eu-west-1"),
                InstantSource.system())) {
      long began = System.nanoTime();
      assertThatThrownBy(() -> secrets.find(new SecretRef("github-webhook")))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("SSM parameter /muster/github-webhook");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    }
  }
}
