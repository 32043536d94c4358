// SPDX-License-Identifier: Apache-2.0
package holdfast.recipes;

import java.io.Serializable;

/** A grouping key of two columns. */
public final class SiteKey implements Serializable {
  private String site;
  private int shard;

  public SiteKey() {}

  SiteKey(String site, int shard) {
    this.site = site;
    this.shard = shard;
  }

  public String getSite() { return site; }
  public void setSite(String value) { site = value; }
  public int getShard() { return shard; }
  public void setShard(int value) { shard = value; }

  @Override
  public String toString() {
    return site + "/" + shard;
  }
}
