package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.Throttles;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.aws.QueueListener;
import dev.muster.kernel.tracing.Telemetry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Clients of EC2 and SSM: one for each region and account, made at first use; and of SQS. Those of
 * EC2 keep to its limits ({@link CallBudget}) and slow down when it throttles (the SDK's adaptive
 * retries); credentials of roles are renewed before they end.
 */
public final class Ec2Clients implements Ec2ClientSource, AutoCloseable {
  private record Key(String region, String role) {}

  private final Throttles throttles;
  private final InstantSource clock;
  private final Telemetry telemetry;
  private final AwsAccess access;
  private final Map<Key, Ec2Client> clients = new ConcurrentHashMap<>();
  private final Map<Key, SsmClient> parameters = new ConcurrentHashMap<>();
  private final Deque<SdkAutoCloseable> sessions = new ConcurrentLinkedDeque<>();

  /**
   * Makes no client.
   *
   * @param throttles is told of each answer that asks us to slow down
   */
  public Ec2Clients(
      AwsAccess access, Throttles throttles, InstantSource clock, Telemetry telemetry) {
    this.access = access;
    this.throttles = throttles;
    this.clock = clock;
    this.telemetry = telemetry;
  }

  @Override
  public Ec2Client of(String region, Optional<String> role) {
    return clients.computeIfAbsent(new Key(region, role.orElse("")), this::make);
  }

  @Override
  public SsmClient parameters(String region, Optional<String> role) {
    return parameters.computeIfAbsent(new Key(region, role.orElse("")), this::makeParameters);
  }

  /**
   * A new client of SQS. It has connections of its own, on which nothing is heard while a queue is
   * empty.
   */
  public SqsClient queues(String region) {
    Duration patience = QueueListener.POLL.plusSeconds(10);
    SdkHttpClient http =
        Apache5HttpClient.builder()
            .maxConnections(2)
            .connectionTimeout(Duration.ofSeconds(5))
            .socketTimeout(patience)
            .build();
    SqsClient client =
        SqsClient.builder()
            .httpClient(http)
            .region(Region.of(region))
            .credentialsProvider(access.own())
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .apiCallTimeout(patience.multipliedBy(2))
                    .apiCallAttemptTimeout(patience)
                    .build())
            .build();
    sessions.push(http);
    sessions.push(client);
    return client;
  }

  private Ec2Client make(Key key) {
    return Ec2Client.builder()
        .httpClient(access.http())
        .region(Region.of(key.region()))
        .credentialsProvider(credentials(key))
        .overrideConfiguration(
            overrides()
                .addExecutionInterceptor(new CallBudget(key.region(), throttles, clock))
                .build())
        .build();
  }

  private SsmClient makeParameters(Key key) {
    return SsmClient.builder()
        .httpClient(access.http())
        .region(Region.of(key.region()))
        .credentialsProvider(credentials(key))
        .overrideConfiguration(overrides().build())
        .build();
  }

  private ClientOverrideConfiguration.Builder overrides() {
    ClientOverrideConfiguration.Builder overrides = AwsAccess.overrides();
    return telemetry.on()
        ? overrides.addExecutionInterceptor(new TracedCalls(telemetry, clock))
        : overrides;
  }

  private AwsCredentialsProvider credentials(Key key) {
    return access.credentials(key.region(), Optional.of(key.role()).filter(r -> !r.isEmpty()));
  }

  @Override
  public void close() {
    clients.values().forEach(Ec2Client::close);
    parameters.values().forEach(SsmClient::close);
    sessions.forEach(SdkAutoCloseable::close);
  }
}
