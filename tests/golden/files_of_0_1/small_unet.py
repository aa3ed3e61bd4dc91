import torch, torch.nn.functional as F
from torch import nn
class Small(nn.Module):
    def __init__(self, ch=8):
        super().__init__()
        self.inp = nn.Conv2d(3, ch, 3, padding=1)
        self.down = nn.Conv2d(ch, 2*ch, 3, 2, 1)
        self.mid = nn.Conv2d(2*ch, 2*ch, 3, padding=1)
        self.up = nn.Conv2d(3*ch, 3, 3, padding=1)
    def forward(self, x):
        hs = [self.inp(x)]
        h = self.down(hs[-1])
        h = self.mid(h)
        h = F.interpolate(h, scale_factor=2.0)
        return self.up(torch.cat([h, hs.pop()], 1))
