package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fixture.StandIn;
import dev.muster.fleet.compute.Throttles;
import dev.muster.kernel.clock.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

/** The SDK's own client against a server that has had enough. */
class CallBudgetTest {
  private static final String ENOUGH =
      "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>enough</Message></Error>"
          + "</Errors><RequestID>1</RequestID></Response>";

  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final Throttles throttles = new Throttles(time);
  private final AtomicInteger asked = new AtomicInteger();
  private StandIn server;
  private Ec2Client client;

  @BeforeEach
  void open() throws IOException {
    server =
        StandIn.start(exchange -> {
          asked.incrementAndGet();
          StandIn.answer(exchange, 503, ENOUGH);
        });
    client =
        Ec2Client.builder()
            .region(Region.EU_WEST_1)
            .endpointOverride(server.url())
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
            .overrideConfiguration(overrides ->
                overrides
                    .retryStrategy(AwsRetryStrategy.doNotRetry())
                    .addExecutionInterceptor(new CallBudget("eu-west-1", throttles, time)))
            .build();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void throttlingIsToldForTenMinutes() {
    stop(2);
    assertThat(throttles.lately())
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.region()).isEqualTo("eu-west-1");
          assertThat(seen.operation()).isEqualTo("StopInstances");
          assertThat(seen.count()).isEqualTo(2);
        });
    time.pass(Duration.ofMinutes(11));
    assertThat(throttles.lately()).isEmpty();
  }

  @Test
  void eachOperationHasABucketOfItsOwn() {
    stop(50); // all that its bucket holds while the clock stands still
    assertThatThrownBy(client::describeRegions).isInstanceOf(Ec2Exception.class);
    assertThat(asked).hasValue(51);
  }

  private void stop(int times) {
    for (int i = 0; i < times; i++) {
      assertThatThrownBy(() -> client.stopInstances(request -> request.instanceIds("i-00000001")))
          .isInstanceOf(Ec2Exception.class);
    }
  }
}
