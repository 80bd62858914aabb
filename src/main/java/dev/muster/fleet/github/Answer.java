package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What GitHub answered.
 *
 * @param status 2xx, or one that the caller expected
 * @param body missing node where there was none
 * @param next the path of the next page below {@code api_url}
 */
record Answer(int status, JsonNode body, Optional<String> next) {}
