package dev.muster.infra;

import static dev.muster.infra.Cfn.allow;
import static dev.muster.infra.Cfn.map;
import static dev.muster.infra.Cfn.sub;

import dev.muster.fleet.spec.EnvironmentSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What an appliance may do in an environment: each statement is a call that it makes, on what the
 * environment has. Those of EC2 are as in {@code ami/cloudformation/appliance.yaml}, with the
 * environment's own subnets and groups alone.
 *
 * @param runnerRoles ARNs of the roles that runners are launched with
 * @param buckets names
 */
record Policies(
    EnvironmentSpec environment,
    List<String> regions,
    List<Object> runnerRoles,
    List<String> buckets) {
  private static final String EC2 = "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:";
  private static final String OWN_TAG = "muster:environment";

  /**
   * The statements.
   *
   * @param machines whether EC2 is among them
   */
  List<Map<String, Object>> statements(boolean machines) {
    List<Map<String, Object>> statements = new ArrayList<>();
    if (machines) {
      launching(statements);
      touching(statements);
    }
    state(statements);
    cache(statements);
    budget(statements);
    return statements;
  }

  private void launching(List<Map<String, Object>> statements) {
    List<String> launch = List.of("ec2:CreateFleet", "ec2:RunInstances");
    statements.add(
        allow(
            "Look",
            List.of(
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstanceTypeOfferings",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:DescribeLaunchTemplates",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSpotPriceHistory",
                "ec2:DescribeSubnets"),
            "*"));
    List<Object> from = new ArrayList<>();
    from.add(sub("arn:${AWS::Partition}:ec2:*::image/*"));
    from.add(sub("arn:${AWS::Partition}:ec2:*::snapshot/*"));
    from.add(sub(EC2 + "image/*"));
    from.add(sub(EC2 + "network-interface/*"));
    from.add(sub(EC2 + "fleet/*"));
    from.add(sub(EC2 + "spot-instances-request/*"));
    TreeSet<String> subnets = new TreeSet<>();
    TreeSet<String> groups = new TreeSet<>();
    environment
        .regions()
        .values()
        .forEach(network -> {
          subnets.addAll(network.subnets());
          groups.addAll(network.securityGroups());
        });
    subnets.forEach(subnet -> from.add(sub(EC2 + "subnet/" + subnet)));
    if (groups.isEmpty()) {
      from.add(sub(EC2 + "security-group/*")); // the VPC's own, whose id nobody wrote down
    }
    groups.forEach(group -> from.add(sub(EC2 + "security-group/" + group)));
    statements.add(allow("LaunchFrom", launch, from));
    statements.add(
        allow(
            "LaunchWithOwnTemplates", launch, sub(EC2 + "launch-template/*"), tagged("Resource")));
    statements.add(
        allow(
            "LaunchTagged",
            launch,
            List.of(sub(EC2 + "instance/*"), sub(EC2 + "volume/*")),
            tagged("Request")));
    statements.add(
        allow(
            "MakeTemplates",
            "ec2:CreateLaunchTemplate",
            sub(EC2 + "launch-template/*"),
            tagged("Request")));
    statements.add(
        allow(
            "KeepTemplates",
            List.of("ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions"),
            sub(EC2 + "launch-template/*"),
            tagged("Resource")));
    statements.add(
        allow(
            "TagWhatIsMade",
            "ec2:CreateTags",
            List.of(
                sub(EC2 + "fleet/*"),
                sub(EC2 + "instance/*"),
                sub(EC2 + "launch-template/*"),
                sub(EC2 + "network-interface/*"),
                sub(EC2 + "spot-instances-request/*"),
                sub(EC2 + "volume/*")),
            map(
                "StringEquals",
                map(
                    "ec2:CreateAction",
                    List.of("CreateFleet", "CreateLaunchTemplate", "RunInstances")))));
  }

  private void touching(List<Map<String, Object>> statements) {
    statements.add(
        allow(
            "TouchOwnInstances",
            List.of(
                "ec2:GetConsoleOutput",
                "ec2:StartInstances",
                "ec2:StopInstances",
                "ec2:TerminateInstances"),
            sub(EC2 + "instance/*"),
            tagged("Resource")));
    if (!runnerRoles.isEmpty()) {
      statements.add(
          allow(
              "GiveRunnersTheirRole",
              "iam:PassRole",
              runnerRoles,
              map("StringEquals", map("iam:PassedToService", "ec2.amazonaws.com"))));
    }
    statements.add(
        allow(
            "ImagesByParameter",
            List.of("ssm:GetParameter", "ssm:GetParameters"),
            sub("arn:${AWS::Partition}:ssm:*::parameter/aws/service/*")));
  }

  /** Only what bears the environment's tag: another environment may share the account. */
  private Map<String, Object> tagged(String whose) {
    return map("StringEquals", map("aws:" + whose + "Tag/" + OWN_TAG, environment.name()));
  }

  private void state(List<Map<String, Object>> statements) {
    InfraNames.stateTable(environment)
        .ifPresent(name -> {
          List<Object> tables = regions.stream().<Object>map(in -> sub(table(in, name))).toList();
          List<Object> streams =
              regions.stream().<Object>map(in -> sub(table(in, name) + "/stream/*")).toList();
          statements.add(
              allow(
                  "State",
                  List.of(
                      "dynamodb:BatchWriteItem",
                      "dynamodb:DescribeContinuousBackups",
                      "dynamodb:DescribeTable",
                      "dynamodb:DescribeTimeToLive",
                      "dynamodb:GetItem",
                      "dynamodb:PutItem",
                      "dynamodb:Query"),
                  tables));
          statements.add(
              allow(
                  "StateStream",
                  List.of(
                      "dynamodb:DescribeStream",
                      "dynamodb:GetRecords",
                      "dynamodb:GetShardIterator"),
                  streams));
        });
  }

  private static String table(String region, String name) {
    return "arn:${AWS::Partition}:dynamodb:" + region + ":${AWS::AccountId}:table/" + name;
  }

  private void cache(List<Map<String, Object>> statements) {
    if (buckets.isEmpty()) {
      return;
    }
    statements.add(
        allow(
            "CacheBuckets",
            List.of(
                "s3:GetBucketLocation",
                "s3:GetBucketPolicy",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketVersioning",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:GetReplicationConfiguration",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads"),
            buckets.stream().map(name -> sub("arn:${AWS::Partition}:s3:::" + name)).toList()));
    statements.add(
        allow(
            "Cache",
            List.of(
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject"),
            buckets.stream()
                .map(name -> sub("arn:${AWS::Partition}:s3:::" + name + "/*"))
                .toList()));
  }

  /** For {@code muster infra check}; what is spent, the appliance reckons itself. */
  private void budget(List<Map<String, Object>> statements) {
    if (environment.budget().isPresent()) {
      statements.add(
          allow(
              "LookAtTheBudget",
              "budgets:ViewBudget",
              sub(
                  "arn:${AWS::Partition}:budgets::${AWS::AccountId}:budget/"
                      + InfraNames.budget(environment))));
    }
  }
}
