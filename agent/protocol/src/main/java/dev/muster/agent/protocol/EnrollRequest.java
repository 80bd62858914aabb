package dev.muster.agent.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first thing an agent says: {@code POST /agent/v1/enroll}.
 *
 * @param launch the launch that this machine belongs to
 * @param secret the launch's secret, the same for all machines of the launch
 * @param instance what the provider calls this machine (EC2 instance id, local slot)
 * @param boot identifies this boot of the machine; another boot is another value
 * @param os {@code linux} or {@code windows}
 * @param arch {@code amd64} or {@code arm64}
 * @param version the agent's own version
 * @param identity the provider's signed identity document, where there is one
 */
public record EnrollRequest(
    String launch,
    Secret secret,
    String instance,
    String boot,
    String os,
    String arch,
    String version,
    @Nullable String identity)
    implements Message {

  public EnrollRequest {
    Bounds.id("launch", launch);
    Bounds.credential("secret", secret);
    Bounds.id("instance", instance);
    Bounds.id("boot", boot);
    Bounds.id("os", os);
    Bounds.id("arch", arch);
    Bounds.id("version", version);
    Bounds.text("identity", identity, Bounds.DOCUMENT);
  }

  static EnrollRequest from(Fields fields) {
    return new EnrollRequest(
        fields.string("launch"),
        fields.secret("secret"),
        fields.string("instance"),
        fields.string("boot"),
        fields.string("os"),
        fields.string("arch"),
        fields.string("version"),
        fields.optionalString("identity"));
  }

  Map<String, Object> toWire() {
    return new WireObject()
        .put("launch", launch)
        .put("secret", secret.value())
        .put("instance", instance)
        .put("boot", boot)
        .put("os", os)
        .put("arch", arch)
        .put("version", version)
        .put("identity", identity)
        .toMap();
  }
}
