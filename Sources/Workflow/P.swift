import Yams
public enum Placeholder {}
