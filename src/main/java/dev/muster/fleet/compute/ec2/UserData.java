package dev.muster.fleet.compute.ec2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.spec.Os;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a machine is told at its first boot: the appliance's address and the launch's secret, in a
 * file that the image's boot service reads. Nothing else: everything that runs is in the image.
 */
final class UserData {
  /** EC2's bound, before base64. */
  static final int MOST = 16 * 1024;

  private static final ObjectMapper JSON = new ObjectMapper();

  private UserData() {}

  /**
   * In base64, as EC2 takes it.
   *
   * @throws Unsuitable when it is larger than EC2 allows
   */
  static String of(LaunchRequest request, String secret) {
    String json = json(request, secret);
    String text = request.spec().os() == Os.WINDOWS ? windows(json) : linux(json);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MOST) {
      throw new Unsuitable(
          "the user data has %,d bytes, and EC2 takes %,d: shorten agent_url"
              .formatted(bytes.length, MOST));
    }
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String json(LaunchRequest request, String secret) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("url", request.agentUrl().toString());
    keys.put("launch", request.launch());
    keys.put("secret", secret);
    keys.put("hardDeadlineSeconds", request.spec().maxRuntime().toSeconds());
    if (request.spec().instanceMetadata()) { // an image that does not know it keeps jobs away
      keys.put("instanceMetadata", true);
    }
    try {
      return JSON.writeValueAsString(keys);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A map can always be written", e);
    }
  }

  /** In base64 once more, so that nothing in it can mean anything to YAML. */
  private static String linux(String json) {
    return """
    #cloud-config
    write_files:
      - path: /etc/muster/launch.json
        owner: root:root
        permissions: '0600'
        encoding: b64
        content: %s
    """
        .formatted(base64(json));
  }

  private static String windows(String json) {
    return """
    <powershell>
    $folder = 'C:\\ProgramData\\Muster'
    New-Item -ItemType Directory -Force -Path $folder | Out-Null
    icacls $folder /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    [IO.File]::WriteAllBytes("$folder\\launch.json", [Convert]::FromBase64String('%s'))
    </powershell>
    """
        .formatted(base64(json));
  }

  private static String base64(String json) {
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
