package dev.muster.infra;

import static dev.muster.infra.Cfn.arn;
import static dev.muster.infra.Cfn.map;
import static dev.muster.infra.Cfn.ref;
import static dev.muster.infra.Cfn.sub;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import dev.muster.fleet.spec.FleetSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What one environment has in one region, in the account that its {@code account_role} belongs to,
 * else in the appliance's own. What exists once is in the template of its home region, which is
 * made first.
 */
final class EnvironmentStack {
  /** A cache that nobody asked for in this time is made anew. */
  private static final int CACHE_DAYS = 14;

  private final EnvironmentSpec environment;
  private final List<String> regions;
  private final String home;
  private final String region;
  private final Stack stack;

  private EnvironmentStack(FleetSpec fleet, EnvironmentSpec environment, String region) {
    this.environment = environment;
    this.regions = InfraNames.regions(fleet, environment);
    this.home = InfraNames.home(fleet, environment);
    this.region = region;
    this.stack =
        new Stack(
            Optional.of(environment.name()),
            region,
            "Muster's environment %s in %s: %s"
                .formatted(
                    environment.name(),
                    region,
                    region.equals(home)
                        ? "its table, roles and budget, and what it has in this region"
                        : "what it has in this region; " + home + " comes first"));
  }

  /** Empty where the environment needs nothing of its own there. */
  static Optional<Template> of(FleetSpec fleet, EnvironmentSpec environment, String region) {
    EnvironmentStack of = new EnvironmentStack(fleet, environment, region);
    if (of.region.equals(of.home)) {
      of.table();
      of.roles();
      of.budget();
    }
    of.bucket();
    return of.stack.empty() ? Optional.empty() : Optional.of(of.stack.template());
  }

  private Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>(environment.tags());
    tags.put("Environment", environment.name());
    tags.put("muster:environment", environment.name());
    return tags;
  }

  /** Streams with both images are what every kind of replica takes; readers use the new one. */
  private void table() {
    InfraNames.stateTable(environment)
        .ifPresent(name -> {
          stack
              .kept(
                  "State",
                  "AWS::DynamoDB::GlobalTable",
                  map(
                      "TableName",
                      name,
                      "BillingMode",
                      "PAY_PER_REQUEST",
                      "AttributeDefinitions",
                      List.of(
                          map("AttributeName", InfraNames.PARTITION_KEY, "AttributeType", "S"),
                          map("AttributeName", InfraNames.SORT_KEY, "AttributeType", "S")),
                      "KeySchema",
                      List.of(
                          map("AttributeName", InfraNames.PARTITION_KEY, "KeyType", "HASH"),
                          map("AttributeName", InfraNames.SORT_KEY, "KeyType", "RANGE")),
                      "StreamSpecification",
                      map("StreamViewType", "NEW_AND_OLD_IMAGES"),
                      "TimeToLiveSpecification",
                      map("AttributeName", InfraNames.EXPIRY, "Enabled", true),
                      "SSESpecification",
                      map("SSEEnabled", true, "SSEType", "KMS"),
                      "Replicas",
                      regions.stream().map(this::replica).toList()))
              .output("StateTable", "The table that appliances share", ref("State"));
        });
  }

  private Map<String, Object> replica(String in) {
    return map(
        "Region",
        in,
        "PointInTimeRecoverySpecification",
        map("PointInTimeRecoveryEnabled", true),
        "DeletionProtectionEnabled",
        true,
        "Tags",
        Cfn.tags(tags()));
  }

  // ---- Roles.

  private void roles() {
    runnerRoles();
    environment.accountRole().ifPresentOrElse(this::accountRole, this::appliancePolicy);
  }

  /** Runners run strangers' code: what they may do in AWS is nothing, until somebody adds it. */
  private void runnerRoles() {
    int number = 0;
    for (String profile : profiles()) {
      String name = "Runner" + (number == 0 ? "" : number + 1);
      number++;
      stack
          .resource(
              name + "Role",
              "AWS::IAM::Role",
              map(
                  "RoleName",
                  profile,
                  "Description",
                  "Muster's runners in " + environment.name() + "; jobs can use what it may do",
                  "AssumeRolePolicyDocument",
                  Cfn.trust("ec2.amazonaws.com"),
                  "Tags",
                  Cfn.tags(tags())))
          .resource(
              name + "Profile",
              "AWS::IAM::InstanceProfile",
              map("InstanceProfileName", profile, "Roles", List.of(ref(name + "Role"))));
    }
  }

  private List<String> profiles() {
    TreeSet<String> profiles = new TreeSet<>();
    environment
        .regions()
        .values()
        .forEach(network -> network.instanceProfile().ifPresent(profiles::add));
    return List.copyOf(profiles);
  }

  private List<Object> runnerRoleArns() {
    List<Object> arns = new ArrayList<>();
    for (int i = 0; i < profiles().size(); i++) {
      arns.add(arn("Runner" + (i == 0 ? "" : i + 1) + "Role"));
    }
    return arns;
  }

  private Policies policies() {
    return new Policies(environment, regions, runnerRoleArns(), buckets());
  }

  private void accountRole(String roleArn) {
    String name = roleArn.substring(roleArn.lastIndexOf('/') + 1);
    stack
        .parameter(
            "ApplianceRoleArn",
            "arn:aws[a-z-]*:iam::[0-9]{12}:role/.+",
            "The role that the appliances run with; without it nobody can take the account's role")
        .condition("HasAppliance", Cfn.given("ApplianceRoleArn"))
        .resource(
            "AccountRole",
            "AWS::IAM::Role",
            "HasAppliance",
            map(
                "RoleName",
                name,
                "Description",
                "What Muster's appliances may do in environment " + environment.name(),
                "AssumeRolePolicyDocument",
                Cfn.policy(
                    List.of(
                        map(
                            "Effect",
                            "Allow",
                            "Principal",
                            map("AWS", ref("ApplianceRoleArn")),
                            "Action",
                            "sts:AssumeRole"))),
                "Policies",
                List.of(
                    map(
                        "PolicyName",
                        "appliance",
                        "PolicyDocument",
                        Cfn.policy(accountStatements(name)))),
                "Tags",
                Cfn.tags(tags())))
        .output(
            "AccountRoleArn",
            "HasAppliance",
            "As account_role in the config, and in AccountRoleArns of the appliance's stack",
            arn("AccountRole"));
  }

  /** It may also ask what it may do, for {@code muster infra check}. */
  private List<Map<String, Object>> accountStatements(String role) {
    List<Map<String, Object>> statements = new ArrayList<>(policies().statements(true));
    statements.add(
        Cfn.allow(
            "LookAtItself",
            "iam:SimulatePrincipalPolicy",
            sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + role)));
    return statements;
  }

  /** What the appliance's own stack does not allow yet: that has the EC2 part. */
  private void appliancePolicy() {
    List<Map<String, Object>> statements = policies().statements(false);
    if (statements.isEmpty()) {
      return;
    }
    stack
        .parameter(
            "ApplianceRoleName",
            "[\\w+=,.@-]{1,64}",
            "The role that the appliances run with, which may then use the table and the buckets")
        .condition("HasAppliance", Cfn.given("ApplianceRoleName"))
        .resource(
            "AppliancePolicy",
            "AWS::IAM::ManagedPolicy",
            map(
                "Description",
                "What Muster's appliances do with the state and the cache of " + environment.name(),
                "Roles",
                Cfn.when("HasAppliance", List.of(ref("ApplianceRoleName"))),
                "PolicyDocument",
                Cfn.policy(statements)))
        .output("AppliancePolicyArn", "For the role of the appliances", ref("AppliancePolicy"));
  }

  // ---- The cache.

  private List<String> buckets() {
    return regions.stream()
        .flatMap(in -> InfraNames.bucket(environment, home, in).stream())
        .toList();
  }

  private List<String> others() {
    return regions.stream().filter(in -> !in.equals(region)).toList();
  }

  private void bucket() {
    Optional<String> named = InfraNames.bucket(environment, home, region);
    if (named.isEmpty()) {
      return;
    }
    String name = named.get();
    Map<String, Object> properties =
        map(
            "BucketName",
            name,
            "BucketEncryption",
            map(
                "ServerSideEncryptionConfiguration",
                List.of(map("ServerSideEncryptionByDefault", map("SSEAlgorithm", "AES256")))),
            "OwnershipControls",
            map("Rules", List.of(map("ObjectOwnership", "BucketOwnerEnforced"))),
            "PublicAccessBlockConfiguration",
            map(
                "BlockPublicAcls",
                true,
                "BlockPublicPolicy",
                true,
                "IgnorePublicAcls",
                true,
                "RestrictPublicBuckets",
                true),
            "VersioningConfiguration",
            map("Status", "Enabled"),
            "LifecycleConfiguration",
            map("Rules", List.of(lifecycle())));
    if (!others().isEmpty()) {
      properties.put("ReplicationConfiguration", Cfn.when("Replicates", replication()));
      replicationRole(name);
    }
    properties.put("Tags", Cfn.tags(tags()));
    stack
        .kept("Cache", "AWS::S3::Bucket", properties)
        .resource(
            "CachePolicy",
            "AWS::S3::BucketPolicy",
            map(
                "Bucket",
                ref("Cache"),
                "PolicyDocument",
                Cfn.policy(
                    List.of(
                        Cfn.denyWithoutTls("s3:*", List.of(arn("Cache"), sub("${Cache.Arn}/*")))))))
        .output("CacheBucket", "The Actions cache of this region", ref("Cache"));
  }

  private static Map<String, Object> lifecycle() {
    return map(
        "Id",
        "expire",
        "Status",
        "Enabled",
        "ExpirationInDays",
        CACHE_DAYS,
        "NoncurrentVersionExpiration",
        map("NoncurrentDays", 1),
        "AbortIncompleteMultipartUpload",
        map("DaysAfterInitiation", 1));
  }

  /** Buckets must be there before anything is copied to them: so it is the second of two rounds. */
  private Map<String, Object> replication() {
    List<String> others = others();
    return map(
        "Role",
        arn("ReplicationRole"),
        "Rules",
        IntStream.range(0, others.size())
            .mapToObj(i ->
                map(
                    "Id",
                    "to-" + others.get(i),
                    "Status",
                    "Enabled",
                    "Priority",
                    i + 1,
                    "Filter",
                    map("Prefix", ""),
                    "DeleteMarkerReplication",
                    map("Status", "Disabled"),
                    "Destination",
                    map("Bucket", bucketArn(others.get(i)))))
            .toList());
  }

  private Map<String, Object> bucketArn(String in) {
    return sub(
        "arn:${AWS::Partition}:s3:::" + InfraNames.bucket(environment, home, in).orElseThrow());
  }

  private void replicationRole(String name) {
    String arn = "arn:${AWS::Partition}:s3:::" + name;
    stack
        .choice(
            "Replicate",
            false,
            "Copy the cache to the other regions; true once the stacks of all regions are made")
        .condition("Replicates", Cfn.equal("Replicate", "true"))
        .resource(
            "ReplicationRole",
            "AWS::IAM::Role",
            "Replicates",
            map(
                "Description",
                "Copies the Actions cache of " + environment.name() + " to its other regions",
                "AssumeRolePolicyDocument",
                Cfn.trust("s3.amazonaws.com"),
                "Policies",
                List.of(
                    map(
                        "PolicyName",
                        "copy",
                        "PolicyDocument",
                        Cfn.policy(
                            List.of(
                                Cfn.allow(
                                    "Look",
                                    List.of("s3:GetReplicationConfiguration", "s3:ListBucket"),
                                    sub(arn)),
                                Cfn.allow(
                                    "Read",
                                    List.of(
                                        "s3:GetObjectVersionAcl",
                                        "s3:GetObjectVersionForReplication",
                                        "s3:GetObjectVersionTagging"),
                                    sub(arn + "/*")),
                                Cfn.allow(
                                    "Write",
                                    List.of("s3:ReplicateObject", "s3:ReplicateTags"),
                                    others().stream()
                                        .map(in ->
                                            sub(
                                                "arn:${AWS::Partition}:s3:::"
                                                    + InfraNames.bucket(environment, home, in)
                                                        .orElseThrow()
                                                    + "/*"))
                                        .toList()))))),
                "Tags",
                Cfn.tags(tags())));
  }

  // ---- The budget.

  private void budget() {
    environment.budget().ifPresent(this::budget);
  }

  private void budget(Budget budget) {
    stack
        .parameter(
            "BudgetEmail", "[^@\\s]+@[^@\\s]+", "Who is told by AWS Budgets; nobody without it")
        .condition("HasEmail", Cfn.given("BudgetEmail"))
        .resource(
            "Budget",
            "AWS::Budgets::Budget",
            map(
                "Budget",
                map(
                    "BudgetName",
                    InfraNames.budget(environment),
                    "BudgetType",
                    "COST",
                    "TimeUnit",
                    "MONTHLY",
                    "BudgetLimit",
                    map("Amount", budget.monthlyUsd(), "Unit", "USD"),
                    "CostFilters",
                    map("TagKeyValue", List.of("user:Environment$" + environment.name()))),
                "NotificationsWithSubscribers",
                Cfn.when("HasEmail", notifications(budget))));
  }

  private static List<Map<String, Object>> notifications(Budget budget) {
    return InfraNames.notifiedAt(budget).stream()
        .map(percent ->
            map(
                "Notification",
                map(
                    "NotificationType",
                    "ACTUAL",
                    "ComparisonOperator",
                    "GREATER_THAN",
                    "Threshold",
                    percent,
                    "ThresholdType",
                    "PERCENTAGE"),
                "Subscribers",
                List.of(map("SubscriptionType", "EMAIL", "Address", ref("BudgetEmail")))))
        .toList();
  }
}
