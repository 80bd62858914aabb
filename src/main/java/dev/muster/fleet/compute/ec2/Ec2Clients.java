package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.Throttles;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.aws.QueueListener;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
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
  private record Key(String region, String role) {
    Optional<String> account() {
      return Optional.of(role).filter(r -> !r.isEmpty());
    }
  }

  private final Throttles throttles;
  private final InstantSource clock;
  private final AwsAccess access;
  private final Map<Key, Ec2Client> clients = new ConcurrentHashMap<>();
  private final Map<Key, SsmClient> parameters = new ConcurrentHashMap<>();
  private final Deque<SdkAutoCloseable> sessions = new ConcurrentLinkedDeque<>();

  /**
   * Makes no client.
   *
   * @param throttles is told of each answer that asks us to slow down
   */
  public Ec2Clients(AwsAccess access, Throttles throttles, InstantSource clock) {
    this.access = access;
    this.throttles = throttles;
    this.clock = clock;
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
            .overrideConfiguration(access.within(patience.multipliedBy(2), patience).build())
            .build();
    sessions.push(http);
    sessions.push(client);
    return client;
  }

  private Ec2Client make(Key key) {
    return access
        .configured(Ec2Client.builder(), key.region(), key.account())
        .overrideConfiguration(
            access
                .overrides()
                .addExecutionInterceptor(new CallBudget(key.region(), throttles, clock))
                .build())
        .build();
  }

  private SsmClient makeParameters(Key key) {
    return access.configured(SsmClient.builder(), key.region(), key.account()).build();
  }

  @Override
  public void close() {
    clients.values().forEach(Ec2Client::close);
    parameters.values().forEach(SsmClient::close);
    sessions.forEach(SdkAutoCloseable::close);
  }
}
