package dev.muster.agent.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Body of every answer that is not a success: {@code {"error":{"code","message","hint"}}}.
 *
 * @param code for programs, such as {@code unauthorized}
 * @param message for people: what was refused, and of which object
 * @param hint the way out
 */
public record WireError(String code, String message, @Nullable String hint) implements Message {
  public WireError {
    Bounds.id("code", code);
    Bounds.text("message", message, Bounds.LINE);
    Bounds.text("hint", hint, Bounds.LINE);
  }

  static WireError from(Fields fields) {
    Fields error = fields.object("error");
    return new WireError(
        error.string("code"), error.string("message"), error.optionalString("hint"));
  }

  Map<String, Object> toWire() {
    return new WireObject()
        .put(
            "error",
            new WireObject().put("code", code).put("message", message).put("hint", hint).toMap())
        .toMap();
  }
}
