package dev.muster.infra;

import static dev.muster.infra.Cfn.allow;
import static dev.muster.infra.Cfn.arn;
import static dev.muster.infra.Cfn.map;
import static dev.muster.infra.Cfn.ref;
import static dev.muster.infra.Cfn.sub;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the appliances of a region share, in the account that they run in: a door for GitHub's
 * deliveries that is no port of theirs, and spot interruption warnings.
 */
final class RegionStack {
  private static final int MOST_TRIES = 10;
  private static final String WITH_INTERRUPTIONS = "WithInterruptions";
  private static final int FOURTEEN_DAYS = 1_209_600;

  /** What nobody took in an hour helps nobody: a warning is two minutes old when it is too late. */
  private static final int AN_HOUR = 3_600;

  private RegionStack() {}

  static Template of(String region) {
    Stack stack =
        new Stack(
            Optional.empty(),
            region,
            "Muster in "
                + region
                + ": GitHub's deliveries through SQS, and spot interruption warnings. Deliveries"
                + " beyond 1 MiB do not fit into a queue; the appliance fetches those from GitHub");
    stack
        .parameter(
            "ApplianceRoleName",
            "[\\w+=,.@-]{1,64}",
            "The role that the region's appliances run with, which may then read the queues")
        .choice(
            "Interruptions",
            true,
            "A queue of spot interruption warnings; the appliance's own stack has one already")
        .condition("HasAppliance", Cfn.given("ApplianceRoleName"))
        .condition(WITH_INTERRUPTIONS, Cfn.equal("Interruptions", "true"));
    deliveries(stack, InfraNames.deliveries(region));
    interruptions(stack, InfraNames.interruptions(region));
    stack.resource(
        "AppliancePolicy",
        "AWS::IAM::ManagedPolicy",
        map(
            "Description",
            "What Muster's appliance does with the queues of its region",
            "Roles",
            Cfn.when("HasAppliance", List.of(ref("ApplianceRoleName"))),
            "PolicyDocument",
            Cfn.policy(
                List.of(
                    allow(
                        "Receive",
                        List.of(
                            "sqs:ChangeMessageVisibility",
                            "sqs:DeleteMessage",
                            "sqs:GetQueueAttributes",
                            "sqs:GetQueueUrl",
                            "sqs:ReceiveMessage"),
                        queues(region)),
                    allow(
                        "SeeTheDead",
                        List.of("sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
                        deadQueues(region)),
                    allow("LookAtTheDoor", "apigateway:GET", apis()),
                    // Its names are no resource to IAM; a rule is.
                    allow("FindTheRule", "events:ListRuleNamesByTarget", "*"),
                    allow(
                        "LookAtTheRule",
                        "events:DescribeRule",
                        sub(
                            "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*"))))));
    stack
        .output(
            "WebhookUrl",
            "Where the GitHub App sends its webhooks",
            sub("${Api.ApiEndpoint}/webhooks/github"))
        .output(
            "DeliveriesQueue", "As delivery_queue in an appliance's settings", ref("Deliveries"))
        .output(
            "InterruptionsQueue",
            WITH_INTERRUPTIONS,
            "As interruption_queue in an appliance's settings",
            ref("InterruptionQueue"))
        .output("AppliancePolicyArn", "For the role of the appliances", ref("AppliancePolicy"));
    return stack.template();
  }

  private static List<Object> queues(String region) {
    return List.of(
        queueArn(InfraNames.deliveries(region)), queueArn(InfraNames.interruptions(region)));
  }

  /** For {@code muster infra check}. */
  private static List<Object> apis() {
    String apis = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/apis";
    return List.of(sub(apis), sub(apis + "/*"));
  }

  private static List<Object> deadQueues(String region) {
    return List.of(
        queueArn(InfraNames.dead(InfraNames.deliveries(region))),
        queueArn(InfraNames.dead(InfraNames.interruptions(region))));
  }

  private static Map<String, Object> queueArn(String name) {
    return sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:" + name);
  }

  private static void deliveries(Stack stack, String name) {
    queue(stack, "Deliveries", Optional.empty(), name, FOURTEEN_DAYS);
    stack
        .resource(
            "Api",
            "AWS::ApiGatewayV2::Api",
            map(
                "Name",
                name,
                "ProtocolType",
                "HTTP",
                "Description",
                "GitHub's webhooks for Muster"))
        .resource(
            "ApiRole",
            "AWS::IAM::Role",
            map(
                "Description",
                "Puts GitHub's deliveries into Muster's queue",
                "AssumeRolePolicyDocument",
                Cfn.trust("apigateway.amazonaws.com"),
                "Policies",
                List.of(
                    map(
                        "PolicyName",
                        "send",
                        "PolicyDocument",
                        Cfn.policy(List.of(allow("Send", "sqs:SendMessage", arn("Deliveries"))))))))
        .resource(
            "Integration",
            "AWS::ApiGatewayV2::Integration",
            map(
                "ApiId",
                ref("Api"),
                "IntegrationType",
                "AWS_PROXY",
                "IntegrationSubtype",
                "SQS-SendMessage",
                "PayloadFormatVersion",
                "1.0",
                "CredentialsArn",
                arn("ApiRole"),
                "RequestParameters",
                map(
                    "QueueUrl",
                    ref("Deliveries"),
                    "MessageBody",
                    "$request.body",
                    "MessageAttributes",
                    attributes())))
        .resource(
            "Route",
            "AWS::ApiGatewayV2::Route",
            map(
                "ApiId",
                ref("Api"),
                "RouteKey",
                InfraNames.WEBHOOK_ROUTE,
                "AuthorizationType",
                "NONE",
                "Target",
                sub("integrations/${Integration}")))
        .resource(
            "Stage",
            "AWS::ApiGatewayV2::Stage",
            map(
                "ApiId",
                ref("Api"),
                "StageName",
                "$default",
                "AutoDeploy",
                true,
                "DefaultRouteSettings",
                map("ThrottlingBurstLimit", 2_000, "ThrottlingRateLimit", 1_000)));
  }

  /** The signature is over the body, which is passed on as it came; the appliance verifies it. */
  private static String attributes() {
    ObjectNode attributes = JsonMapper.builder().build().createObjectNode();
    for (String header : InfraNames.WEBHOOK_HEADERS) {
      attributes
          .putObject(header)
          .put("DataType", "String")
          .put("StringValue", "${request.header." + header + "}");
    }
    return attributes.toString();
  }

  private static void queue(
      Stack stack, String resource, Optional<String> condition, String name, int kept) {
    stack
        .passing(
            "Dead" + resource,
            condition,
            map(
                "QueueName",
                InfraNames.dead(name),
                "MessageRetentionPeriod",
                FOURTEEN_DAYS,
                "SqsManagedSseEnabled",
                true))
        .passing(
            resource,
            condition,
            map(
                "QueueName",
                name,
                "MessageRetentionPeriod",
                kept,
                "ReceiveMessageWaitTimeSeconds",
                20,
                "VisibilityTimeout",
                60,
                "SqsManagedSseEnabled",
                true,
                "RedrivePolicy",
                map("deadLetterTargetArn", arn("Dead" + resource), "maxReceiveCount", MOST_TRIES)));
  }

  private static void interruptions(Stack stack, String name) {
    Optional<String> condition = Optional.of(WITH_INTERRUPTIONS);
    String resource = "InterruptionQueue";
    queue(stack, resource, condition, name, AN_HOUR);
    stack
        .resource(
            "InterruptionsPolicy",
            "AWS::SQS::QueuePolicy",
            WITH_INTERRUPTIONS,
            map(
                "Queues",
                List.of(ref(resource)),
                "PolicyDocument",
                Cfn.policy(
                    List.of(
                        map(
                            "Sid",
                            "Warnings",
                            "Effect",
                            "Allow",
                            "Principal",
                            map("Service", "events.amazonaws.com"),
                            "Action",
                            "sqs:SendMessage",
                            "Resource",
                            arn(resource),
                            "Condition",
                            map("ArnEquals", map("aws:SourceArn", arn("InterruptionsRule")))),
                        Cfn.denyWithoutTls("sqs:*", arn(resource))))))
        .resource(
            "InterruptionsRule",
            "AWS::Events::Rule",
            WITH_INTERRUPTIONS,
            map(
                "Description",
                "Spot machines that EC2 takes back, and those that it may",
                "EventPattern",
                map("source", List.of("aws.ec2"), "detail-type", InfraNames.INTERRUPTION_EVENTS),
                "Targets",
                List.of(map("Id", "queue", "Arn", arn(resource)))));
  }
}
