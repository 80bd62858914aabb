package dev.muster.infra.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.Configs;
import dev.muster.fleet.compute.ec2.MotoServer;
import dev.muster.fleet.compute.ec2.SdkSettings;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.notice.Finding;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketLocationConstraint;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What the check says of things that are made, half made and not made, in another's emulator. */
class InfraCheckMotoIT {
  private static final String CONFIG =
      """
      version: '1'
      defaults: { region: eu-west-1, environment: dev }
      environments:
        dev:
          regions: { eu-west-1: { subnets: [subnet-1] } }
          tables: muster-dev
          bucket: muster-dev-cache
      """;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private DynamoDbClient tables;
  private SqsClient queues;
  private S3Client buckets;
  private InfraCheck check;

  @BeforeEach
  void start() throws Exception {
    MotoServer moto = open(MotoServer.start());
    URI url = moto.url();
    open(SdkSettings.towards(url));
    var http = open(Apache5HttpClient.create());
    tables = open(DynamoDbClient.builder().httpClient(http).region(Region.EU_WEST_1).build());
    queues = open(SqsClient.builder().httpClient(http).region(Region.EU_WEST_1).build());
    buckets =
        open(
            S3Client.builder()
                .httpClient(http)
                .region(Region.EU_WEST_1)
                .forcePathStyle(true)
                .build());
    check = open(new InfraCheck(Configs.accepted(Configs.load(CONFIG)).get(FleetSpec.class)));
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : opened) {
      part.close();
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    List<String> said = said(check.all());
    assertThat(said)
        .contains(
            "ILL table muster-dev-state (dev-eu-west-1): it is not there",
            "ILL bucket muster-dev-cache: it is not there",
            "WARN queue muster-eu-west-1-deliveries: it is not there",
            "WARN queue muster-eu-west-1-interruptions: it is not there");
  }

  @Test
  void tableThatIsAsNeededIsWellAndNothingIsWrittenToIt() {
    make("pk", "sk", StreamViewType.NEW_AND_OLD_IMAGES);
    tables.updateTimeToLive(r ->
        r.tableName("muster-dev-state")
            .timeToLiveSpecification(t -> t.attributeName("expires_at").enabled(true)));
    tables.updateContinuousBackups(r ->
        r.tableName("muster-dev-state")
            .pointInTimeRecoverySpecification(p -> p.pointInTimeRecoveryEnabled(true)));
    assertThat(said(check.environment("dev", "eu-west-1")))
        .contains("ok table muster-dev-state (dev-eu-west-1): as needed");
    assertThat(tables.scan(r -> r.tableName("muster-dev-state")).count()).isZero();
  }

  @Test
  void everyDifferenceOfATableIsNamed() {
    make("id", "range", StreamViewType.KEYS_ONLY);
    assertThat(said(check.environment("dev", "eu-west-1")))
        .contains(
            "ILL table muster-dev-state (dev-eu-west-1): the key is id (HASH), range (RANGE), needed is pk (HASH), sk (RANGE)",
            "ILL table muster-dev-state (dev-eu-west-1): the stream is KEYS_ONLY, needed is NEW_AND_OLD_IMAGES",
            "ILL table muster-dev-state (dev-eu-west-1): the attribute by which items end is none, needed is expires_at",
            "ILL table muster-dev-state (dev-eu-west-1): point-in-time recovery is DISABLED, needed is ENABLED");
  }

  @Test
  void bucketIsComparedPieceByPiece() {
    buckets.createBucket(r ->
        r.bucket("muster-dev-cache")
            .createBucketConfiguration(
                c -> c.locationConstraint(BucketLocationConstraint.EU_WEST_1)));
    assertThat(said(check.environment("dev", "eu-west-1")))
        .contains(
            "ILL bucket muster-dev-cache: versioning is off, needed is on",
            "ILL bucket muster-dev-cache: the block of public access is off, needed is on",
            "ILL bucket muster-dev-cache: expiry of what is old is off, needed is on",
            "ILL bucket muster-dev-cache: refusal of what comes without TLS is off, needed is on");
    String name = "muster-dev-cache";
    buckets.putBucketVersioning(
        r -> r.bucket(name).versioningConfiguration(v -> v.status("Enabled")));
    buckets.putPublicAccessBlock(r ->
        r.bucket(name)
            .publicAccessBlockConfiguration(b ->
                b.blockPublicAcls(true)
                    .blockPublicPolicy(true)
                    .ignorePublicAcls(true)
                    .restrictPublicBuckets(true)));
    ServerSideEncryptionRule encrypted =
        ServerSideEncryptionRule.builder()
            .applyServerSideEncryptionByDefault(d -> d.sseAlgorithm(ServerSideEncryption.AES256))
            .build();
    buckets.putBucketEncryption(
        r -> r.bucket(name).serverSideEncryptionConfiguration(c -> c.rules(encrypted)));
    LifecycleRule expiry =
        LifecycleRule.builder()
            .id("expire")
            .status(ExpirationStatus.ENABLED)
            .filter(f -> f.prefix(""))
            .expiration(e -> e.days(14))
            .build();
    buckets.putBucketLifecycleConfiguration(
        r -> r.bucket(name).lifecycleConfiguration(c -> c.rules(expiry)));
    buckets.putBucketPolicy(r ->
        r.bucket(name)
            .policy(
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::muster-dev-cache/*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"));
    assertThat(said(check.environment("dev", "eu-west-1")))
        .contains("ok bucket muster-dev-cache: as needed");
  }

  @Test
  void queueWithoutADeadLetterQueueIsADifference() {
    queues.createQueue(r ->
        r.queueName("muster-eu-west-1-deliveries")
            .attributes(Map.of(QueueAttributeName.SQS_MANAGED_SSE_ENABLED, "true")));
    assertThat(said(check.region("eu-west-1")))
        .contains(
            "ILL queue muster-eu-west-1-deliveries: the dead-letter queue is none, needed is muster-eu-west-1-deliveries-dead");
  }

  @Test
  void whatCannotBeAskedIsNotCalledMissing() throws Exception {
    try (SdkSettings _ = SdkSettings.towards(URI.create("http://127.0.0.1:1"))) {
      try (InfraCheck nowhere =
          new InfraCheck(Configs.accepted(Configs.load(CONFIG)).get(FleetSpec.class))) {
        assertThatThrownBy(nowhere::all).isInstanceOf(Unreachable.class);
      }
    }
  }

  private void make(String partition, String sort, StreamViewType view) {
    tables.createTable(r ->
        r.tableName("muster-dev-state")
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(text(partition), text(sort))
            .keySchema(key(partition, KeyType.HASH), key(sort, KeyType.RANGE))
            .streamSpecification(s -> s.streamEnabled(true).streamViewType(view)));
  }

  private static AttributeDefinition text(String name) {
    return AttributeDefinition.builder()
        .attributeName(name)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  private static KeySchemaElement key(String name, KeyType type) {
    return KeySchemaElement.builder().attributeName(name).keyType(type).build();
  }

  private static List<String> said(List<Finding> findings) {
    return findings.stream()
        .map(f ->
            (f.ok() ? f.mend().isPresent() ? "WARN " : "ok " : "ILL ")
                + f.check()
                + ": "
                + f.detail())
        .toList();
  }
}
