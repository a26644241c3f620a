/** Methods and data sets as papers write them. */
const titles: Record<string, string> = {
  layermix: "LayerMix",
  pixmix: "PixMix",
  ipmix: "IPMix",
  augmix: "AugMix",
  random_erasing: "Random Erasing",
  mixup: "Mixup",
  cutmix: "CutMix",
  baseline: "Baseline",
  cifar10: "CIFAR-10",
  cifar100: "CIFAR-100",
  shapes: "Built-in shapes",
  imagenet: "ImageNet",
};

/** A method or a data set as papers write it; one that is not known as it is. */
export function titleOf(name: string): string {
  return Object.hasOwn(titles, name) ? titles[name]! : name;
}
