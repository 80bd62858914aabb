package dev.muster.fleet.compute.ec2;

/** Events as EventBridge sends them: those of the documentation, with a machine put in. */
final class Events {
  static final String AT = "2026-03-01T12:00:00Z";

  private Events() {}

  static String warning(String instance) {
    return event(
        "EC2 Spot Instance Interruption Warning",
        "\"instance-id\": \"%s\", \"instance-action\": \"terminate\"".formatted(instance));
  }

  static String rebalance(String instance) {
    return event(
        "EC2 Instance Rebalance Recommendation", "\"instance-id\": \"%s\"".formatted(instance));
  }

  static String event(String type, String detail) {
    return """
    {"version": "0", "id": "12345678-1234-1234-1234-123456789012", "detail-type": "%s",
     "source": "aws.ec2", "account": "123456789012", "time": "%s", "region": "us-east-2",
     "resources": ["arn:aws:ec2:us-east-2a:instance/x"], "detail": {%s}}
    """
        .formatted(type, AT, detail);
  }
}
