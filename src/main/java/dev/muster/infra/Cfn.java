package dev.muster.infra;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** CloudFormation's intrinsic functions, and maps in the order in which they are written. */
final class Cfn {
  private Cfn() {}

  /** A map of these keys and values, one after another. */
  static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  static Map<String, Object> ref(String name) {
    return map("Ref", name);
  }

  static Map<String, Object> arn(String resource) {
    return get(resource, "Arn");
  }

  static Map<String, Object> get(String resource, String attribute) {
    return map("Fn::GetAtt", List.of(resource, attribute));
  }

  /** Text in which <code>${…}</code> is replaced. */
  static Map<String, Object> sub(String text) {
    return map("Fn::Sub", text);
  }

  static Map<String, Object> either(String condition, Object then, Object otherwise) {
    return map("Fn::If", List.of(condition, then, otherwise));
  }

  /** A property that is not there where a condition does not hold. */
  static Map<String, Object> when(String condition, Object then) {
    return either(condition, then, ref("AWS::NoValue"));
  }

  /** The condition that a parameter was given. */
  static Map<String, Object> given(String parameter) {
    return map("Fn::Not", List.of(map("Fn::Equals", List.of(ref(parameter), ""))));
  }

  static Map<String, Object> equal(String parameter, String value) {
    return map("Fn::Equals", List.of(ref(parameter), value));
  }

  /** A policy document. */
  static Map<String, Object> policy(List<Map<String, Object>> statements) {
    return map("Version", "2012-10-17", "Statement", statements);
  }

  /** What lets a service take a role. */
  static Map<String, Object> trust(String service) {
    return policy(
        List.of(
            map(
                "Effect",
                "Allow",
                "Principal",
                map("Service", service),
                "Action",
                "sts:AssumeRole")));
  }

  /** A statement of a policy that allows. */
  static Map<String, Object> allow(String id, Object actions, Object resources) {
    return map("Sid", id, "Effect", "Allow", "Action", actions, "Resource", resources);
  }

  static Map<String, Object> allow(
      String id, Object actions, Object resources, Map<String, Object> condition) {
    Map<String, Object> statement = allow(id, actions, resources);
    statement.put("Condition", condition);
    return statement;
  }

  /** A statement of a resource's policy: nobody reaches it without TLS. */
  static Map<String, Object> denyWithoutTls(String actions, Object resources) {
    return map(
        "Sid",
        "TlsOnly",
        "Effect",
        "Deny",
        "Principal",
        "*",
        "Action",
        actions,
        "Resource",
        resources,
        "Condition",
        map("Bool", map("aws:SecureTransport", "false")));
  }

  static List<Map<String, Object>> tags(Map<String, String> tags) {
    return new java.util.TreeMap<>(tags)
        .entrySet().stream().map(tag -> map("Key", tag.getKey(), "Value", tag.getValue())).toList();
  }
}
