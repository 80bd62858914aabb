package dev.muster.infra;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A template in the making. */
final class Stack {
  private final Optional<String> environment;
  private final String region;
  private final String description;
  private final Map<String, Object> parameters = new LinkedHashMap<>();
  private final Map<String, Object> conditions = new LinkedHashMap<>();
  private final Map<String, Object> resources = new LinkedHashMap<>();
  private final Map<String, Object> outputs = new LinkedHashMap<>();

  Stack(Optional<String> environment, String region, String description) {
    this.environment = environment;
    this.region = region;
    this.description = description;
  }

  /** A parameter that may be left out. */
  Stack parameter(String name, String pattern, String meaning) {
    parameters.put(
        name,
        Cfn.map(
            "Type",
            "String",
            "Default",
            "",
            "AllowedPattern",
            "^(" + pattern + ")?$",
            "Description",
            meaning));
    return this;
  }

  /** A parameter that is yes or no. */
  Stack choice(String name, boolean standard, String meaning) {
    parameters.put(
        name,
        Cfn.map(
            "Type",
            "String",
            "Default",
            Boolean.toString(standard),
            "AllowedValues",
            java.util.List.of("true", "false"),
            "Description",
            meaning));
    return this;
  }

  Stack condition(String name, Map<String, Object> holds) {
    conditions.put(name, holds);
    return this;
  }

  Stack resource(String name, String type, Map<String, Object> properties) {
    resources.put(name, Cfn.map("Type", type, "Properties", properties));
    return this;
  }

  Stack resource(String name, String type, String condition, Map<String, Object> properties) {
    resources.put(name, Cfn.map("Type", type, "Condition", condition, "Properties", properties));
    return this;
  }

  /** What holds things that somebody may want back: it outlives its stack. */
  Stack kept(String name, String type, Map<String, Object> properties) {
    resources.put(
        name,
        Cfn.map(
            "Type",
            type,
            "DeletionPolicy",
            "Retain",
            "UpdateReplacePolicy",
            "Retain",
            "Properties",
            properties));
    return this;
  }

  /** A queue: what is in it is not worth keeping without the stack. */
  Stack passing(String name, Optional<String> condition, Map<String, Object> properties) {
    Map<String, Object> queue = new LinkedHashMap<>();
    queue.put("Type", "AWS::SQS::Queue");
    condition.ifPresent(c -> queue.put("Condition", c));
    queue.put("DeletionPolicy", "Delete");
    queue.put("UpdateReplacePolicy", "Delete");
    queue.put("Properties", properties);
    resources.put(name, queue);
    return this;
  }

  Stack output(String name, String meaning, Object value) {
    outputs.put(name, Cfn.map("Description", meaning, "Value", value));
    return this;
  }

  Stack output(String name, String condition, String meaning, Object value) {
    outputs.put(name, Cfn.map("Condition", condition, "Description", meaning, "Value", value));
    return this;
  }

  boolean empty() {
    return resources.isEmpty();
  }

  Template template() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("AWSTemplateFormatVersion", "2010-09-09");
    document.put("Description", description);
    put(document, "Parameters", parameters);
    put(document, "Conditions", conditions);
    put(document, "Resources", resources);
    put(document, "Outputs", outputs);
    return new Template(environment, region, document);
  }

  private static void put(Map<String, Object> document, String name, Map<String, Object> part) {
    if (!part.isEmpty()) {
      document.put(name, part);
    }
  }
}
