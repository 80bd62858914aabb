package dev.muster.infra.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.Configs;
import dev.muster.fleet.compute.ec2.MotoServer;
import dev.muster.fleet.compute.ec2.SdkSettings;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.infra.InfraNames;
import dev.muster.kernel.notice.Finding;
import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.apigatewayv2.ApiGatewayV2Client;
import software.amazon.awssdk.services.apigatewayv2.model.IntegrationType;
import software.amazon.awssdk.services.apigatewayv2.model.ProtocolType;
import software.amazon.awssdk.services.budgets.BudgetsClient;
import software.amazon.awssdk.services.budgets.model.BudgetType;
import software.amazon.awssdk.services.budgets.model.ComparisonOperator;
import software.amazon.awssdk.services.budgets.model.NotificationType;
import software.amazon.awssdk.services.budgets.model.NotificationWithSubscribers;
import software.amazon.awssdk.services.budgets.model.Subscriber;
import software.amazon.awssdk.services.budgets.model.SubscriptionType;
import software.amazon.awssdk.services.budgets.model.ThresholdType;
import software.amazon.awssdk.services.budgets.model.TimeUnit;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.RuleState;
import software.amazon.awssdk.services.eventbridge.model.Target;
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
          budget: { monthly_usd: 500, alert_at_percent: [50, 80], hold_at_percent: 100 }
      """;
  private static final Subscriber OPS =
      Subscriber.builder()
          .subscriptionType(SubscriptionType.EMAIL)
          .address("ops@example.com")
          .build();
  private static final String DELIVERIES = "muster-eu-west-1-deliveries";
  private static final String INTERRUPTIONS = "muster-eu-west-1-interruptions";

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private DynamoDbClient tables;
  private SqsClient queues;
  private S3Client buckets;
  private ApiGatewayV2Client apis;
  private EventBridgeClient rules;
  private BudgetsClient budgets;
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
    apis = open(ApiGatewayV2Client.builder().httpClient(http).region(Region.EU_WEST_1).build());
    rules = open(EventBridgeClient.builder().httpClient(http).region(Region.EU_WEST_1).build());
    budgets = open(BudgetsClient.builder().httpClient(http).region(Region.EU_WEST_1).build());
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
            "ILL budget muster-dev: it is not there",
            "WARN queue muster-eu-west-1-deliveries: it is not there",
            "WARN API muster-eu-west-1-deliveries: it is not there",
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
  void budgetIsComparedWithTheConfigs() {
    budget("500.0", 50, 80, 100);
    assertThat(said(check.environment("dev", "eu-west-1")))
        .contains("ok budget muster-dev: as needed");
  }

  @Test
  void everyDifferenceOfABudgetIsNamed() {
    budget("400", 50, 90);
    assertThat(said(check.environment("dev", "eu-west-1")))
        .contains(
            "ILL budget muster-dev: the limit is 400 USD MONTHLY, needed is 500 USD MONTHLY",
            "ILL budget muster-dev: who is told at percent is [50, 90], needed is [50, 80, 100]");
  }

  @Test
  void budgetOfWhichNobodyIsToldIsAChoice() {
    budget("500");
    assertThat(said(check.environment("dev", "eu-west-1")))
        .contains("ok budget muster-dev: as needed");
  }

  @Test
  void apiThatIsAsTheTemplateMakesItIsWell() {
    String api = api(DELIVERIES, attributes(InfraNames.WEBHOOK_HEADERS));
    apis.createStage(r -> r.apiId(api).stageName("$default").autoDeploy(true));
    assertThat(said(check.region("eu-west-1")))
        .contains("ok API muster-eu-west-1-deliveries: as needed");
  }

  @Test
  void everyDifferenceOfAnApiIsNamed() {
    String api = api("muster-dev", attributes(List.of("X-GitHub-Event")));
    apis.createStage(r -> r.apiId(api).stageName("dev"));
    apis.createApi(r -> r.name("another's").protocolType(ProtocolType.HTTP));
    assertThat(said(check.region("eu-west-1")))
        .contains(
            "ILL API muster-eu-west-1-deliveries: the queue is https://sqs.eu-west-1.amazonaws.com/123456789012/muster-dev, needed is muster-eu-west-1-deliveries",
            "ILL API muster-eu-west-1-deliveries: what it passes on of the headers lacks X-GitHub-Delivery and X-Hub-Signature-256",
            "ILL API muster-eu-west-1-deliveries: the stage is none, needed is $default, deployed at each change");
  }

  @Test
  void apiWithoutTheRouteIsADifference() {
    apis.createApi(r -> r.name(DELIVERIES).protocolType(ProtocolType.HTTP));
    assertThat(said(check.region("eu-west-1")))
        .contains(
            "ILL API muster-eu-west-1-deliveries: the route is none, needed is POST /webhooks/github");
  }

  @Test
  void rulesThatPassOnAllWarningsBetweenThemAreWell() {
    String queue = queue(INTERRUPTIONS);
    for (String event : InfraNames.INTERRUPTION_EVENTS) {
      rule(event.replace(' ', '-'), queue, RuleState.ENABLED, List.of(event));
    }
    assertThat(said(check.region("eu-west-1")))
        .contains("ok rule of interruption warnings (eu-west-1): as needed");
  }

  @Test
  void ruleThatIsOffPassesNothingOn() {
    String queue = queue(INTERRUPTIONS);
    assertThat(said(check.region("eu-west-1")))
        .contains("ILL rule of interruption warnings (eu-west-1): it is not there");
    rule("off", queue, RuleState.DISABLED, InfraNames.INTERRUPTION_EVENTS);
    rule("on", queue, RuleState.ENABLED, InfraNames.INTERRUPTION_EVENTS.subList(0, 1));
    assertThat(said(check.region("eu-west-1")))
        .contains(
            "ILL rule of interruption warnings (eu-west-1): what it passes on lacks EC2 Instance Rebalance Recommendation");
  }

  private void budget(String amount, int... percents) {
    budgets.createBudget(r ->
        r.accountId("123456789012")
            .budget(b ->
                b.budgetName("muster-dev")
                    .budgetType(BudgetType.COST)
                    .timeUnit(TimeUnit.MONTHLY)
                    .budgetLimit(l -> l.amount(new BigDecimal(amount)).unit("USD")))
            .notificationsWithSubscribers(
                IntStream.of(percents)
                    .mapToObj(percent ->
                        NotificationWithSubscribers.builder()
                            .notification(n ->
                                n.notificationType(NotificationType.ACTUAL)
                                    .comparisonOperator(ComparisonOperator.GREATER_THAN)
                                    .thresholdType(ThresholdType.PERCENTAGE)
                                    .threshold((double) percent))
                            .subscribers(OPS)
                            .build())
                    .toList()));
  }

  /** With the route to a queue of {@code target}'s name. */
  private String api(String target, String attributes) {
    String api = apis.createApi(r -> r.name(DELIVERIES).protocolType(ProtocolType.HTTP)).apiId();
    String integration =
        apis.createIntegration(r ->
                r.apiId(api)
                    .integrationType(IntegrationType.AWS_PROXY)
                    .integrationSubtype("SQS-SendMessage")
                    .payloadFormatVersion("1.0")
                    .requestParameters(
                        Map.of(
                            "QueueUrl",
                            "https://sqs.eu-west-1.amazonaws.com/123456789012/" + target,
                            "MessageBody",
                            "$request.body",
                            "MessageAttributes",
                            attributes)))
            .integrationId();
    apis.createRoute(
        r -> r.apiId(api).routeKey("POST /webhooks/github").target("integrations/" + integration));
    return api;
  }

  private static String attributes(List<String> headers) {
    return headers.stream()
        .map(header ->
            "\"%s\":{\"DataType\":\"String\",\"StringValue\":\"${request.header.%s}\"}"
                .formatted(header, header))
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** Its ARN. */
  private String queue(String name) {
    String url = queues.createQueue(r -> r.queueName(name)).queueUrl();
    return Objects.requireNonNull(
        queues
            .getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
            .attributes()
            .get(QueueAttributeName.QUEUE_ARN));
  }

  private void rule(String name, String queue, RuleState state, List<String> events) {
    rules.putRule(r ->
        r.name(name)
            .state(state)
            .eventPattern(
                "{\"source\":[\"aws.ec2\"],\"detail-type\":[\"%s\"]}"
                    .formatted(String.join("\",\"", events))));
    rules.putTargets(r -> r.rule(name).targets(Target.builder().id("queue").arn(queue).build()));
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
